import { openRecordingGround } from './recording-ground.ts';
import { renderTestStream } from './test-stream.ts';

/**
 * A process that films for ever, a group each few milliseconds, and prints how many groups are on disk.
 * Argument: the folder.
 */
const [root] = process.argv.slice(2);
if (root === undefined) throw new Error('usage: recording-process.ts FOLDER');
const stream = await renderTestStream({ pictures: 100 });
const ground = await openRecordingGround({ root });
const recorder = ground.record();
for (let round = 0; ; round++) {
  for (let group = 0; group < 10; group++) {
    ground.film(stream, group * 10, group * 10 + 10, round * 4_000);
    await new Promise((resolve) => setTimeout(resolve, 3));
    process.stdout.write(`${recorder.stats().groups}\n`);
  }
}
