/** Writes a disk full tilt, flushing what it wrote, until its parent is gone. Argument: a file of its own. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const file = openSync(process.argv[2] ?? '', 'w');
const block = Buffer.alloc(4 * 1024 * 1024, 0xa5);
const BLOCKS_PER_FLUSH = 8;
/** It begins at the front again: the disk is to be busy, not full. */
const FLUSHES_PER_ROUND = 16;
let flushes = 0;
let isOver = false;

function write(): void {
  if (isOver) {
    closeSync(file);
    process.exit(0);
  }
  const at = (flushes % FLUSHES_PER_ROUND) * BLOCKS_PER_FLUSH * block.length;
  for (let count = 0; count < BLOCKS_PER_FLUSH; count += 1)
    writeSync(file, block, 0, block.length, at + count * block.length);
  fsyncSync(file);
  flushes += 1;
  if (flushes % 4 === 0) process.send?.({ megabytes: (flushes * BLOCKS_PER_FLUSH * block.length) / 1e6 });
  setImmediate(write);
}
process.on('disconnect', () => {
  isOver = true;
});
write();
