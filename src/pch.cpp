// SPDX-License-Identifier: MIT
// Its only use is to be compiled: it makes the precompiled header.
