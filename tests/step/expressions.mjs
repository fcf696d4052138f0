// SPDX-License-Identifier: MIT
// `${{ }}` as GitHub evaluates it, by GitHub's own package.
import assert from 'node:assert/strict';
import { Evaluator, Lexer, Parser, data } from '../.deps/node_modules/@actions/expressions/dist/index.js';

// The value of one expression, as a string. A context that is not in `contexts` is an error.
function evaluate(expression, contexts) {
    const { tokens } = new Lexer(expression).lex();
    const parsed = new Parser(tokens, Object.keys(contexts), []).parse();
    const values = JSON.parse(JSON.stringify(contexts), data.reviver);
    return new Evaluator(parsed, values).evaluate().coerceString();
}

// A scalar of a YAML file with the expressions in it evaluated.
export function render(text, contexts) {
    const rendered = String(text ?? '').replace(/\$\{\{(.*?)\}\}/gs, (_, one) => evaluate(one, contexts));
    assert.ok(!String(text ?? '').replace(/\$\{\{(.*?)\}\}/gs, '').includes('${{'), `unclosed: ${text}`);
    return rendered;
}
