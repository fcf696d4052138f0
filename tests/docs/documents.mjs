// SPDX-License-Identifier: MIT
// The documents as the tests read them: their lines, blocks of code, words in code, links and headings.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

// Every document that people read: those at the root, in docs/ and in bench/, as they are in the work tree.
export function documents() {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' });
    const names = [...new Set(listed.split('\n').filter((name) => /^([A-Z]+|(docs|bench|packaging)\/.*)\.md$/.test(name)))];
    return names.map((name) => new Document(name, readFileSync(join(root, name), 'utf8')));
}

export class Document {
    constructor(name, text) {
        Object.assign(this, { name, text });
    }

    // What stands between fences: {language, text, line}, the text without the fence's own indentation.
    get blocks() {
        return [...this.text.matchAll(/^( *)```(\S*)[^\n]*\n(.*?)^\1```$/gms)].map((found) => ({
            language: found[2],
            text: found[3].replaceAll(new RegExp(`^${found[1]}`, 'gm'), ''),
            line: this.lineOf(found.index) + 1,
        }));
    }

    // The text without blocks, each character where it was.
    get prose() {
        return this.text.replaceAll(/^( *)```.*?^\1```$/gms, (block) => block.replaceAll(/[^\n]/g, ' '));
    }

    // What stands between backticks: {text, line}.
    get words() {
        return [...this.prose.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map((found) => ({
            text: found[1].replaceAll(/\s+/g, ' '),
            line: this.lineOf(found.index),
        }));
    }

    // [text](target), also of pictures: {target, line}.
    get links() {
        const prose = this.prose.replaceAll(/(?<!`)`[^`\n]+`(?!`)/g, (code) => 'x'.repeat(code.length));
        return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map((found) => ({ target: found[1], line: this.lineOf(found.index) }));
    }

    // The names by which GitHub leads to headings. Source: what it makes of "A `b` (c): d", seen on its pages.
    get anchors() {
        const seen = new Map();
        return new Set([...this.prose.matchAll(/^#+ +(.*)$/gm)].map((found) => {
            const plain = found[1].replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim().toLowerCase();
            const name = plain.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
            const before = seen.get(name) ?? 0;
            seen.set(name, before + 1);
            return before ? `${name}-${before}` : name;
        }));
    }

    lineOf(offset) {
        return this.text.slice(0, offset).split('\n').length;
    }

    at(line) {
        return `${this.name}:${line}`;
    }

    // Where a relative link leads: {path, anchor}, the path from the root.
    lead(target) {
        const [path, anchor] = target.split('#');
        return { path: path ? normalize(join(dirname(this.name), path)) : this.name, anchor };
    }
}
