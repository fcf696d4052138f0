// SPDX-License-Identifier: MIT
// A process that does what one kind of stranger does until it is told to stop. It has the least claim to the
// processor: in the field attackers have machines of their own, and here they must not slow the honest
// sender's measuring.
import { setPriority } from 'node:os';
import { kinds } from './kinds.mjs';

setPriority(19);
let work;
process.on('message', (message) => {
    if (message !== 'stop') {
        work = kinds[message.kind](message);
        process.send('begun'); // some have to make their bodies first
        return;
    }
    const { connected, cut } = work ?? {};
    work?.stop();
    process.send({ connected, cut }, () => process.exit());
});
process.on('disconnect', () => process.exit());
