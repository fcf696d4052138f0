// SPDX-License-Identifier: MIT
// What a document shows of a program's output, held against what it prints.
import assert from 'node:assert/strict';

// Lines as a document shows them: what differs each time is put as there, and … stands for the rest of a line, or for lines.
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const plain = (text) => text.replaceAll(uuid, '<uuid>').replaceAll(/\b[0-9a-f]{16}\b/g, '<run>').replaceAll(/\b[0-9a-f]{8}\b/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<time>').replaceAll(/\b\d+ ms\b/g, '<ms>').replaceAll(/ +/g, ' ').replaceAll(/ $/gm, '').trim();
export function assertShown(shown, printed, where) {
    const pattern = plain(shown).split(/^ ?…$/m).map((part) => part.split('…').map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^\\n]*')).join('[^]*');
    assert.match(plain(printed), new RegExp(`^${pattern}$`), `${where} shows\n${shown}\nand the program prints\n${printed}`);
}
