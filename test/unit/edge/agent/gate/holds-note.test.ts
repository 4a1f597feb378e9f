import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHoldsNote } from '@dipper/edge/agent/gate/holds-note';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../../support/open-outbox.ts';

const DEVICES = ['east', 'west'];
function noteAt(path: string | undefined) {
  const errors: unknown[] = [];
  return { errors, note: openHoldsNote({ path, devices: DEVICES, onError: (error) => void errors.push(error) }) };
}

test('what a gate is kept as is there for whoever opens the note next, until it is released', async () => {
  const path = join(temporaryFolder(), 'new', 'holds.json');
  const { note, errors } = noteAt(path);
  expect(note.holds).toEqual({});
  note.set('east', 'locked');
  note.set('west', 'held-open');
  // Kept by its own controller.
  note.set('door', 'locked');
  await note.written();
  expect(noteAt(path).note.holds).toEqual({ east: 'locked', west: 'held-open' });
  note.set('east', 'normal');
  await note.written();
  expect(noteAt(path).note.holds).toEqual({ west: 'held-open' });
  expect(errors).toEqual([]);
});

test.each(['{"east": "lo', '[]', '{"east": "ajar"}', ''])(
  '%j is no note: nothing is known of any gate',
  async (text) => {
    const path = join(temporaryFolder(), 'holds.json');
    writeFileSync(path, text);
    const { note, errors } = noteAt(path);
    expect(note.holds).toEqual({ east: 'unknown', west: 'unknown' });
    expect(errors).toHaveLength(1);
    note.set('east', 'normal');
    await note.written();
    // What is still not known is not known after the next start either.
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ west: 'unknown' });
  },
);

test('where nothing can be written it is said, and kept as long as the agent lives', async () => {
  const folder = temporaryFolder();
  const { note, errors } = noteAt(join(folder, 'holds.json'));
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file, where the folder was');
  note.set('east', 'locked');
  await note.written();
  expect(note.holds).toEqual({ east: 'locked' });
  expect(errors).toHaveLength(1);
  const none = noteAt(undefined);
  none.note.set('east', 'locked');
  expect(none.note.holds).toEqual({ east: 'locked' });
});
