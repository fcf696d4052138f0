// SPDX-License-Identifier: MIT
// docs/demo.md shows what script/demo prints. (script/demo-playwright needs a browser's worth of packages; tests/reporters has its story.)
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Place } from '../system/program.mjs';
import { documents, root } from './documents.mjs';
import { assertShown } from './shown.mjs';

test('the demo prints what docs/demo.md shows', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    const { blocks } = documents().find(({ name }) => name === 'docs/demo.md');
    const [, shown] = /^\$ script\/server --demo\n(.*)$/s.exec(blocks[0].text);
    const { code, stdout, stderr } = await place.run(join(root, 'script/demo'), [], { env: { RUNS_AGENT: process.env.RUNS_AGENT_BINARY } });
    assert.equal(code, 0, stderr);
    const from = stdout.indexOf('\n1. ') + 1;
    const to = stdout.indexOf('\nThat was all of it.');
    assert.ok(from > 0 && to > from, stdout);
    assertShown(shown, stdout.slice(from, to), 'docs/demo.md');
});
