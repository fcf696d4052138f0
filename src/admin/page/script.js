// SPDX-License-Identifier: MIT
// What the page does beyond links and forms, all of which work without it: keys, local times, what is
// new, how long until, selects that write into the filter, and copying.
'use strict';
(() => {
    const base = document.body.dataset.base;
    const main = document.getElementById('main');
    const each = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);
    const kept = {
        get: (name) => { try { return localStorage.getItem(`runs-agent ${name}`); } catch { return null; } },
        set: (name, value) => { try { localStorage.setItem(`runs-agent ${name}`, value); } catch { /* not kept then */ } },
    };
    // Read aloud at most every ten seconds, the last of what there was.
    const said = document.getElementById('said');
    let toSay = null, saidAt = -1e5;
    const say = (text) => {
        const wait = Math.max(0, saidAt + 10000 - performance.now());
        if (toSay === null)
            setTimeout(() => { said.textContent = toSay; toSay = null; saidAt = performance.now(); }, wait);
        toSay = text;
    };

    // Times, in UTC or in the reader's zone.
    const zoneButton = document.getElementById('zone-button');
    const pad = (number) => String(number).padStart(2, '0');
    const zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone || 'local';
    function showTimes(within = document) {
        const local = kept.get('zone') === 'local';
        each('time[datetime]', (element) => {
            const at = new Date(element.dateTime);
            if (isNaN(at)) return;
            if (!local) {
                element.textContent = `${element.dateTime.slice(0, 10)} ${element.dateTime.slice(11, 19)} UTC`;
                return;
            }
            const minutes = -at.getTimezoneOffset();
            const offset = `${minutes < 0 ? '−' : '+'}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
            element.textContent = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ` +
                `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())} ${offset}`;
        }, within);
        document.getElementById('zone').textContent = local ? `times are ${zoneName}` : 'times are UTC';
        zoneButton.textContent = local ? 'Show UTC' : 'Show local times';
    }
    zoneButton.addEventListener('click', () => {
        kept.set('zone', kept.get('zone') === 'local' ? 'utc' : 'local');
        showTimes();
    });
    document.querySelector('footer .tools').hidden = false;

    // How long until the next try.
    const words = (ms) => ms < 1000 ? 'now' : ms < 90000 ? `in ${Math.floor(ms / 1000)} s` :
        ms < 5400000 ? `in ${Math.floor(ms / 60000)} min` : `in ${Math.floor(ms / 3600000)} h`;
    const countDown = () => each('[data-due]', (element) => {
        element.textContent = words(Number(element.dataset.due) - Date.now());
    });
    setInterval(countDown, 1000);

    // Selects write into the filter, so that the address is the whole state.
    const filter = document.getElementById('q');
    each('.selects select', (select) => select.addEventListener('change', () => {
        const others = (filter.value.match(/(?:[^\s"]|"[^"]*")+/g) || []).filter((word) => !word.startsWith(`${select.name}:`));
        filter.value = [...others, ...(select.value ? [`${select.name}:${select.value}`] : [])].join(' ');
        select.form.requestSubmit();
    }));
    // They are in the filter already.
    if (filter) filter.form.addEventListener('submit', () => each('.selects select', (select) => { select.disabled = true; }));
    addEventListener('pageshow', () => each('.selects select', (select) => { select.disabled = false; }));

    const prepare = (within) => {
        each('.copy', (button) => {
            button.hidden = false;
            button.type = 'button';
            button.addEventListener('click', async () => {
                try {
                    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
                    button.textContent = 'Copied';
                } catch {
                    getSelection().selectAllChildren(button.previousElementSibling);
                }
            });
        }, within);
        showTimes(within);
    };
    prepare(document);
    countDown();

    // Keys.
    const dialog = document.getElementById('keys');
    const keysOn = document.getElementById('keys-on');
    keysOn.checked = kept.get('keys') !== 'off';
    keysOn.addEventListener('change', () => kept.set('keys', keysOn.checked ? 'on' : 'off'));
    document.getElementById('keys-button').addEventListener('click', () => dialog.showModal());
    const places = { o: './', d: 'deliveries', w: 'runs', s: 'setup' };
    let going = 0;
    const here = () => document.querySelector('tr.here');
    function step(by) {
        const rows = [...document.querySelectorAll('.rows tbody tr')].filter((row) => row.querySelector('a.open'));
        if (!rows.length) return;
        const at = rows.indexOf(here());
        const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by))];
        each('tr.here', (row) => row.classList.remove('here'));
        next.classList.add('here');
        next.querySelector('a.open').focus();
    }
    function replay() {
        const details = document.getElementById('do-replay');
        if (details) {
            details.parentElement.open = true;
            document.getElementById('why-replay').focus();
            return;
        }
        const row = here();
        const box = row && row.querySelector('input[type=checkbox]');
        const button = document.querySelector('.actions button[formaction$="replay"][value=chosen]');
        if (!box || !button) return;
        box.checked = true;
        button.form.requestSubmit(button);
    }
    addEventListener('keydown', (event) => {
        const field = event.target.closest('input:not([type=checkbox]), select, textarea');
        if (event.key === 'Escape') {
            if (field) field.blur();
            each('details.act[open]', (details) => { details.open = false; });
            return;
        }
        if (!keysOn.checked || field || dialog.open || event.ctrlKey || event.metaKey || event.altKey) return;
        const went = Date.now() - going < 1500 && places[event.key];
        going = 0;
        if (went) location.href = base + went;
        else if (event.key === '/') {
            const box = document.querySelector('input[type=search]');
            if (!box) return;
            event.preventDefault();
            box.focus();
            box.select();
        } else if (event.key === 'j') step(1);
        else if (event.key === 'k') step(-1);
        else if (event.key === 'r') { event.preventDefault(); replay(); }
        else if (event.key === 'g') going = Date.now();
        else if (event.key === '?') dialog.showModal();
    });

    // What is new. A list says how much; other screens show it, where nobody is at work in them.
    const list = document.querySelector('form.list');
    const news = document.querySelector('.news');
    let told = 0;
    async function lookForRows() {
        if (!list.dataset.newest) return;
        const query = new URLSearchParams({ q: list.dataset.filter, after: list.dataset.newest, limit: 100 });
        const answer = await fetch(`${base}api/deliveries?${query}`);
        if (!answer.ok) return;
        const { deliveries } = await answer.json();
        if (!deliveries.length || deliveries.length === told) return;
        told = deliveries.length;
        const text = told >= 100 ? 'more than 99 new' : `${told} new`;
        news.hidden = false;
        news.firstElementChild.textContent = text;
        document.title = `(${told >= 100 ? '99+' : told}) ${document.title.replace(/^\(.*?\) /, '')}`;
        say(`${text} deliveries`);
    }
    async function showAnew() {
        const busy = main.querySelector('details[open]') || main.contains(document.activeElement) ||
            !getSelection().isCollapsed;
        if (busy && document.activeElement !== main) return;
        const answer = await fetch(location.href);
        if (!answer.ok || answer.redirected) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('main');
        if (!fresh) return;
        each('.notice', (notice) => notice.remove(), fresh);
        prepare(fresh);
        if (fresh.textContent === main.textContent) return;
        const heading = main.querySelector('h1').textContent;
        main.replaceChildren(...fresh.childNodes);
        countDown();
        const now = main.querySelector('h1').textContent;
        if (now !== heading) say(now);
    }
    const every = Number(document.body.dataset.refresh || 0) * 1000;
    if (every) setInterval(() => {
        if (document.hidden) return;
        (list ? lookForRows() : showAnew()).catch(() => { /* the next look may reach it */ });
    }, every);

    // Where a page was full of nothing it goes on looking by itself, for a while.
    async function lookOn() {
        for (let i = 0; i < 40; ++i) {
            const link = document.querySelector('.looked ~ a.next');
            if (!link || document.querySelector('form.list tbody tr')) return;
            const answer = await fetch(link.href);
            if (!answer.ok) return;
            const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('form.list');
            if (!fresh) return;
            prepare(fresh);
            list.replaceChildren(...fresh.childNodes);
        }
    }
    if (list) lookOn().catch(() => { /* the link is there still */ });
})();
