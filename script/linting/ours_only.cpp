// SPDX-License-Identifier: MIT
// A plugin for clang-tidy, which script/tidy loads. It keeps the checks from walking through the
// headers of the system, where they spend most of their time and where what they find is thrown
// away. What our code refers to in those headers they still see: they just do not start there.
// clang-tidy 22 does so by itself ("no longer attempts to analyze code from system headers by
// default", https://github.com/llvm/llvm-project/pull/164339).
#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/FrontendPluginRegistry.h>
#include <memory>
#include <string>
#include <vector>

namespace {

/// Where a file is parsed, before clang-tidy's own consumer: names what is to be walked through.
class OursOnly : public clang::ASTConsumer {
    void HandleTranslationUnit(clang::ASTContext& context) override {
        const clang::SourceManager& sources = context.getSourceManager();
        std::vector<clang::Decl*> ours;
        for (clang::Decl* declaration : context.getTranslationUnitDecl()->decls()) {
            // What a macro of a library makes of our line (TEST of GoogleTest) stands in our file.
            const clang::SourceLocation at = sources.getExpansionLoc(declaration->getLocation());
            if (at.isValid() && !sources.isInSystemHeader(at)) ours.push_back(declaration);
        }
        context.setTraversalScope(ours);
    }
};

class Plugin : public clang::PluginASTAction {
    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& /*compiler*/,
                                                          llvm::StringRef /*file*/) override {
        return std::make_unique<OursOnly>();
    }
    bool ParseArgs(const clang::CompilerInstance& /*compiler*/,
                   const std::vector<std::string>& /*arguments*/) override {
        return true;
    }
    ActionType getActionType() override { return AddBeforeMainAction; }
};

const clang::FrontendPluginRegistry::Add<Plugin> plugin("ours-only",
                                                        "walk through our own declarations only");

}  // namespace
