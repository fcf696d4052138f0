// SPDX-License-Identifier: MIT
// Which of our commands a piece of shell calls. It knows as much of the shell as documents use.

// The simple commands of a text, each a list of words; what a word holds of substitutions stays as it is.
export function simpleCommands(text) {
    const commands = [];
    let words = [];
    let word = null;
    const endWord = () => {
        if (word !== null) words.push(word);
        word = null;
    };
    const endCommand = () => {
        endWord();
        if (words.length > 0) commands.push(words);
        words = [];
    };
    for (let at = 0; at < text.length; ++at) {
        const c = text[at];
        if (c === '\\' && text[at + 1] === '\n') endWord(++at);
        else if (c === '\\') word = (word ?? '') + (text[++at] ?? '');
        else if (c === "'" || c === '"') {
            const end = text.indexOf(c, at + 1);
            if (end < 0) throw new Error(`a quote is not closed: ${text.slice(at)}`);
            word = (word ?? '') + text.slice(at + 1, end);
            at = end;
        } else if (c === '#' && word === null) {
            while (at + 1 < text.length && text[at + 1] !== '\n') ++at;
        } else if (c === '$' && text[at + 1] === '(') endCommand(++at);
        else if ('|&;()\n'.includes(c)) endCommand();
        else if (' \t'.includes(c)) endWord();
        else word = (word ?? '') + c;
    }
    endCommand();
    return commands;
}

const ours = (word) => /^(\.?\/[\w./-]*\/)?runs-agent$/.test(word);

// The arguments of each call of our program in a text.
export function ourCalls(text) {
    return simpleCommands(text).flatMap((words) => {
        let at = 0;
        for (; at < words.length; ++at)
            if (!/^(\w+=.*|sudo|exec|then|do|if|until|while|!|\{|--|-u|runs-agent-user)$/s.test(words[at])) break;
        if (words[at] === undefined) return [];
        if (!ours(words[at])) {
            // In a container: docker compose exec SERVICE runs-agent …, kubectl exec POD -- runs-agent …
            if (!/^(docker|kubectl|podman)$/.test(words[at]) || !words.includes('exec')) return [];
            at = words.findLastIndex(ours);
            if (at < 0) return [];
        }
        const rest = words.slice(at + 1);
        const redirection = rest.findIndex((word) => /^\d?[<>]/.test(word));
        return [redirection < 0 ? rest : rest.slice(0, redirection)];
    });
}
