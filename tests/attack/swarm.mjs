// SPDX-License-Identifier: MIT
// Many connections of one kind, kept up: one that is cut is opened again.
import net from 'node:net';

export class Swarm {
    connected = 0; // so many times
    cut = 0; // of these, by the other side
    sockets = new Set();
    #pending = 0;
    #going = true;

    // `count` connections to host:port, from so many `addresses` of this machine; all of one address are one
    // peer to a server. `begin` is told of each when it is connected. `options` go to net.connect.
    constructor({ host, port, count, addresses = 1, pause = 20 }, begin, options = () => ({})) {
        this.count = count;
        this.pause = pause;
        this.begin = begin;
        let next = 0;
        this.target = () => ({
            host, port, ...options(),
            // 127.0.0.1 is the honest sender's too: one address gives no attacker away.
            ...(addresses === 1 ? {} : { localAddress: `127.0.1.${1 + (next++ % addresses)}` }),
        });
        this.#fill();
    }

    #fill() {
        // Not all at once: the connecting of thousands must not keep those that are up from their work.
        for (let opened = 0; this.#going && this.sockets.size < this.count && opened < 250; ++opened) this.#open();
        if (this.#going) this.#later(10, () => this.#fill());
    }

    #later(delay, what) {
        setTimeout(what, delay).unref();
    }

    #open() {
        const socket = net.connect(this.target());
        this.sockets.add(socket);
        let up = false;
        socket.on('connect', () => {
            up = true;
            this.connected++;
            this.begin(socket);
        });
        socket.on('error', () => {});
        socket.on('end', () => socket.destroy());
        socket.on('close', () => {
            if (up && this.#going && !socket.ours) this.cut++;
            this.#later(up ? this.pause : 100, () => this.sockets.delete(socket));
        });
    }

    each(what) {
        for (const socket of this.sockets) if (!socket.destroyed && !socket.connecting) what(socket);
    }

    stop() {
        this.#going = false;
        for (const socket of this.sockets) socket.resetAndDestroy();
    }
}

// Writes the same again whenever there is room, for as long as the connection lives.
export function writeForever(socket, bytes) {
    const more = () => {
        while (!socket.destroyed && socket.write(bytes));
    };
    socket.on('drain', more);
    more();
}
