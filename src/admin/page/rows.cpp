// SPDX-License-Identifier: MIT
// The list of deliveries, which several screens show.
#include "admin/page/frame.hpp"

namespace runs_agent::admin::page {

namespace {

constexpr std::size_t few_words = 90;  // bytes of a reason

std::string shortened(const std::string& text) {
    if (text.size() <= few_words) return text;
    std::size_t end = text.rfind(' ', few_words);
    if (end == std::string::npos) end = few_words;
    // Not within a character of UTF-8.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + " …";
}

void put_what(Html& html, const Frame& frame, const store::DeliveryRow& row) {
    html.raw(R"(<td data-name="what">)");
    if (row.run && !row.repository.empty()) {
        html.raw("<a href=")
            .attribute(frame.base + run_address(row.host, row.repository, row.run->key.run_id));
        html.raw(">").name(row.repository).raw("</a>");
        const std::string& workflow = row.job ? row.job->name : row.run->workflow_name;
        if (!workflow.empty()) html.raw(" · ").name(workflow);
        const std::string address = github_address(row);
        html.raw(R"( · <a class="out" href=)").attribute(address).raw(R"( rel="noreferrer">)");
        html.text(std::to_string(row.run->key.run_id) + "/" + std::to_string(row.run->attempt));
        html.raw(R"(<span class="unseen"> on GitHub</span></a>)");
    } else {
        html.name(row.repository.empty() ? row.host : row.repository);
    }
    html.raw(R"(<br><span class="quiet">)").name(row.event);
    if (!row.action.empty()) html.raw(".").name(row.action);
    html.raw("</span></td>");
}

void put_row(Html& html, const Frame& frame, const store::DeliveryRow& row, bool choose) {
    html.raw("<tr data-id=").attribute(row.guid).raw(">");
    if (choose) {
        html.raw(R"(<td data-name="choose"><input type="checkbox" name="id" value=)");
        html.attribute(row.guid).raw(" aria-label=").attribute("Choose " + row.guid).raw("></td>");
    }
    html.raw(R"(<td data-name="when"><a class="open" href=)");
    html.attribute(frame.base + "deliveries/" + row.guid).raw(">").time(row.received_at);
    html.raw("</a></td>");
    put_what(html, frame, row);
    html.raw(R"(<td data-name="branch">)");
    if (row.run) html.name(row.job ? row.job->head_branch : row.run->head_branch);
    html.raw(R"(</td><td data-name="conclusion">)");
    html.name(row.job ? row.job->conclusion : row.run ? row.run->conclusion : std::string());
    html.raw(R"(</td><td data-name="why">)");
    if (!row.rule.empty()) html.raw(R"(<span class="rule">)").text(row.rule).raw("</span> ");
    html.name(shortened(row.reason)).raw(R"(</td><td data-name="outcome">)");
    put_standing(html, row);
    html.raw("</td></tr>\n");
}

}  // namespace

void put_deliveries(Html& html, const Frame& frame, const std::vector<store::DeliveryRow>& rows,
                    std::string_view caption, bool choose) {
    html.raw(R"(<table class="rows" role="table"><caption class="unseen">)").text(caption);
    html.raw("</caption><thead><tr>");
    if (choose) html.raw(R"(<th scope="col"><span class="unseen">Choose</span></th>)");
    html.raw(
        R"(<th scope="col">Received</th><th scope="col">What</th><th scope="col">Branch</th>)"
        R"(<th scope="col">Conclusion</th><th scope="col">Why</th><th scope="col">Outcome</th>)"
        "</tr></thead><tbody>");
    for (const store::DeliveryRow& row : rows) put_row(html, frame, row, choose);
    html.raw("</tbody></table>");
}

}  // namespace runs_agent::admin::page
