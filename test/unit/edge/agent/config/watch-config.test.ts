import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sectionsForRestart } from '@dipper/edge/agent/config/compare-configs';
import { type EdgeConfig, readEdgeConfig } from '@dipper/edge/agent/config/read-config';
import { watchConfig } from '@dipper/edge/agent/config/watch-config';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { temporaryFolder } from '../../../../support/open-outbox.ts';

const text = (place: string, more = '') => `estate: lanting
agent: lanting-edge-1
dataDir: data
hub: { publicKeyFile: hub.pub.jwk }
mqtt: { url: "mqtt://127.0.0.1:1883" }
media: { keyFile: secrets/media.key }
cameras:
  - { id: east, place: ${place}, onvif: { url: "http://127.0.0.1/onvif" } }
${more}`;

function watch() {
  const dir = temporaryFolder();
  const path = join(dir, 'edge.yaml');
  writeFileSync(path, text('gate'));
  const clock = createManualClock();
  const taken: EdgeConfig[] = [];
  const refused: string[] = [];
  const owner = new AbortController();
  const { reload } = watchConfig({
    path,
    read: () => readEdgeConfig(path, {}),
    async apply(config) {
      taken.push(config);
      return { added: [], changed: [], removed: [] };
    },
    onRefused: ({ code, message }) => refused.push(`${code} ${message}`),
    ...{ clock, log: pino({ enabled: false }), signal: owner.signal },
  });
  /** Until it has looked so often, and dealt with what it saw. */
  const look = async (times: number) => {
    for (let time = 0; time < times; time++) clock.advance(2_000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  /** As an editor saves: a new file in the place of the old one. */
  const save = (content: string) => {
    writeFileSync(join(dir, 'new.yaml'), content);
    renameSync(join(dir, 'new.yaml'), path);
  };
  const places = () => taken.map(({ cameras }) => cameras[0]?.place);
  return { path, places, refused, look, save, reload, owner };
}

test('a configuration that is saved anew is taken up once, as soon as the file rests', async () => {
  const { look, save, places, refused } = watch();
  await look(3);
  expect(places()).toEqual([]);
  save(text('yard'));
  await look(1);
  expect(places()).toEqual([]);
  save(text('hall'));
  await look(1);
  expect(places()).toEqual([]);
  await look(4);
  expect(places()).toEqual(['hall']);
  expect(refused).toEqual([]);
});

test('one that cannot be used is refused with line, key and nearest name, once, and the next good one is taken', async () => {
  const { look, save, places, refused } = watch();
  save(text('yard', 'recodings: {}\n'));
  await look(5);
  expect(places()).toEqual([]);
  expect(refused).toEqual([
    expect.stringMatching(/^CONFIG_INVALID [\s\S]*line 9: recodings is not a key; did you mean 'recordings'\?/),
  ]);
  save(text('hall'));
  await look(3);
  expect(places()).toEqual(['hall']);
});

test('on a signal the file is read though it looks unchanged: a password may have changed', async () => {
  const { reload, places, owner } = watch();
  await reload();
  expect(places()).toEqual(['gate']);
  owner.abort();
  await reload();
  expect(places()).toEqual(['gate']);
});

test('what only a restart takes up is told by name', () => {
  const { path, save } = watch();
  const before = readEdgeConfig(path, {});
  save(text('yard').replace('1883', '1884'));
  expect(sectionsForRestart(before, readEdgeConfig(path, {}))).toEqual(['mqtt']);
  save(text('yard'));
  expect(sectionsForRestart(before, readEdgeConfig(path, {}))).toEqual([]);
});
