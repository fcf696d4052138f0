// SPDX-License-Identifier: MIT
// What both benchmarks say of their figures, and of the machine they were had on.
import { cpus, release, totalmem } from 'node:os';

export function quantile(values, part) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

export function machine() {
    const gib = Math.round(totalmem() / 2 ** 30);
    return `${cpus().length} cores, ${process.arch}, ${gib} GiB, Linux ${release().split('.').slice(0, 2).join('.')}`;
}

// Columns as wide as they must be; the first to the left, figures to the right.
export function table(rows) {
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
    for (const row of rows)
        console.log(row.map((cell, column) =>
            column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column])).join('  ').trimEnd());
}
