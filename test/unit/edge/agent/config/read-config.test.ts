import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigInvalidError } from '@dipper/edge/agent/config/config-error';
import { EdgeConfigFile } from '@dipper/edge/agent/config/config-schema';
import { readEdgeConfig } from '@dipper/edge/agent/config/read-config';
import type { TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../../../../support/open-outbox.ts';

const SAMPLE = fileURLToPath(new URL('../../../../../config/edge.yaml', import.meta.url));
const MINIMAL = `estate: lanting
agent: lanting-edge-1
dataDir: data
hub: { publicKeyFile: hub.pub.jwk }
mqtt:
  url: mqtt://127.0.0.1:1883
media:
  keyFile: secrets/media.key
`;

function write(text: string): string {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'edge.yaml'), text);
  return join(dir, 'edge.yaml');
}

function problemsOf(text: string, env: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    readEdgeConfig(write(text), env);
  } catch (error) {
    if (error instanceof ConfigInvalidError) return error.problems;
    throw error;
  }
  return [];
}

test('the sample is valid and mentions every key there is', () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'config'));
  mkdirSync(join(dir, 'data/secrets'), { recursive: true });
  for (const secret of ['mqtt-agent', 'device-password'])
    writeFileSync(join(dir, 'data/secrets', secret), 'p%40:/?#\n');
  const text = readFileSync(SAMPLE, 'utf8');
  writeFileSync(join(dir, 'config/edge.yaml'), text);
  const config = readEdgeConfig(join(dir, 'config/edge.yaml'), { EDGE_BARRIER_PASSWORD: 'of the barrier' });
  expect(config.cameras[0]).toMatchObject({
    id: 'lanting-service-face',
    onvif: { username: 'dipper', password: 'p%40:/?#' },
    capture: { faces: true },
  });
  expect(config.gates[0]).toMatchObject({ device: 'lanting-service-barrier', password: 'of the barrier' });
  expect(config.media.keyFile).toBe(join(dir, 'data/secrets/edge-media.key'));
  expect(config.readers).toMatchObject([
    { kind: 'mqtt', id: 'lanting-service-reader', username: 'dipper', password: 'p%40:/?#' },
    { kind: 'onvif', id: 'lanting-door-reader', device: 'lanting-service-door', token: 'AccessPoint_1' },
  ]);

  const given = keysOf(parse(text));
  const known = keysOfSchema(EdgeConfigFile);
  const alternatives = ['mqtt.passwordEnv', 'cameras.onvif.passwordEnv', 'gates.onvif.passwordFile'];
  alternatives.push('hub.caFile', 'mqtt.caFile');
  alternatives.push('cameras.streams.main.url', 'cameras.streams.sub.profile');
  alternatives.push(
    'cameras.recognition.accessPoint',
    'cameras.recognition.gate',
    'hub.url',
    'policy.credentialKeyFile',
  );
  alternatives.push('readers.mqtt.passwordEnv', 'readers.mqtt.caFile');
  expect([...given, ...alternatives].toSorted()).toEqual(known.toSorted());
});

test('what is left out has its default', () => {
  const path = write(MINIMAL);
  const config = readEdgeConfig(path, { DIPPER_MODELS_DIR: '/models' });
  const dataDir = join(path, '../data');
  expect(config).toMatchObject({
    mqtt: { url: 'mqtt://127.0.0.1:1883', protocolVersion: 4 },
    media: { dir: join(dataDir, 'pictures'), retentionMs: 72 * 3_600_000 },
    models: { dir: '/models' },
    outbox: { path: join(dataDir, 'outbox.sqlite'), budgetBytes: 256 * 1024 * 1024 },
    cameras: [],
    gates: [],
  });
});

test('an unknown key is named with its line and the nearest right one', () => {
  expect(problemsOf(MINIMAL.replace('  url:', '  protocolVesion: 5\n  url:'))).toEqual([
    "line 6: mqtt.protocolVesion is not a key; did you mean 'protocolVersion'?",
  ]);
  expect(problemsOf(`${MINIMAL}colour: red\n`)).toEqual([
    expect.stringMatching(/^line 9: colour is not a key; known: estate, agent, dataDir/),
  ]);
});

test('a password in the file is refused without being repeated', () => {
  const [problem] = problemsOf(MINIMAL.replace('  url:', '  username: edge\n  password: hunter2\n  url:'));
  expect(problem).toMatch(/^line 7: mqtt.password is not a key; secrets do not belong here: .*passwordFile/);
  expect(problem).not.toContain('hunter2');
  const [inUrl] = problemsOf(MINIMAL.replace('127.0.0.1', 'edge:hunter2@127.0.0.1'));
  expect(inUrl).toMatch(/^line 6: mqtt.url/);
  expect(inUrl).not.toContain('hunter2');
});

/** @param capture what a camera captures */
function plateCamera(capture: string): string {
  return `${MINIMAL}cameras:\n  - { id: a, place: p, onvif: { url: 'http://h/' }, capture: { ${capture} } }\n`;
}

test('plates are read everywhere and by two frames where nothing else is said', () => {
  const { cameras } = readEdgeConfig(write(plateCamera('plates: true')), {});
  expect(cameras[0]?.capture).toEqual({ faces: false, plates: { minVotes: 2 } });
});

test.each<[string, RegExp]>([
  [MINIMAL.replace('agent: lanting-edge-1', 'agent: Lanting Edge'), /^line 2: agent does not have the right form/],
  [MINIMAL.replace('media:\n  keyFile: secrets/media.key\n', ''), /^media is missing/],
  [MINIMAL.replace('  url:', '  protocolVersion: 3\n  url:'), /^line 6: mqtt.protocolVersion must be one of 4, 5/],
  [MINIMAL.replace('  url:', '  username: edge\n  url:'), /^line 5: mqtt has a username but neither passwordFile nor/],
  [MINIMAL.replace('  url:', '  passwordEnv: EDGE\n  url:'), /^line 5: mqtt has a password but no username/],
  [`${MINIMAL}estate: again\n`, /^line 9: Map keys must be unique/],
  [`${MINIMAL}cameras: [`, /^line \d+: /],
  [
    `${MINIMAL}gates:\n  - { id: a, place: p, failMode: fail-safe, onvif: { url: 'http://h/' } }\n  - { id: a, place: p, failMode: fail-safe, onvif: { url: 'http://h/' } }\n`,
    /^line 11: there is already a device 'a'/,
  ],
  [
    `${MINIMAL}gates:\n  - { id: a, place: p, onvif: { url: 'http://h/' } }\n`,
    /^line 10: gates\[0\]\.failMode is missing/,
  ],
  [
    `${MINIMAL}gates:\n  - id: a\n    place: p\n    failMode: fail-safe\n    onvif: { url: 'http://h/' }\n    actions:\n      - open\n      - hold-open\n`,
    /^line 16: gates\[0\]\.actions\[1\]: 'hold-open' needs a relay that stays .* \(GATE_HOLD_OPEN_MONOSTABLE\)$/,
  ],
  [
    `${MINIMAL}cameras:\n  - { id: a, place: p, onvif: { url: 'http://h/' }, streams: { main: {} } }\n`,
    /^line 10: streams.main needs either profile or url/,
  ],
  [plateCamera('plates: true, gate: g'), /^line 10: there is no gate 'g'/],
  [plateCamera('lane: [[0, 0], [1, 0], [1, 1]]'), /^line 10: capture.lane means nothing without plates: true/],
  [plateCamera('plates: true, plateVotes: 1'), /^line 10: cameras\[0\].capture.plateVotes/],
  [`${MINIMAL}readers:\n  - { id: r, accessPoint: a }\n`, /^line 10: readers\[0\] tells by mqtt or by onvif/],
  [`${MINIMAL}readers:\n  - { id: r, accessPoint: a, onvif: { gate: g } }\n`, /hangs on a gate 'g', which is not here/],
  [`${MINIMAL.replace('  url:', '  username: edge\n  passwordEnv: NOT_SET\n  url:')}`, /NOT_SET, which is not set/],
  [`${MINIMAL.replace('  url:', '  username: edge\n  passwordFile: no/such\n  url:')}`, /cannot be read: ENOENT/],
])('%# is refused with its line', (text, problem) => {
  expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
});

test('a file that is not there is said to be so', () => {
  expect(() => readEdgeConfig('/nowhere/edge.yaml', {})).toThrow(/\/nowhere\/edge.yaml cannot be used:\n {2}ENOENT/);
});

function keysOf(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => keysOf(item, prefix)))];
  if (value === null || typeof value !== 'object') return [prefix];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, prefix === '' ? key : `${prefix}.${key}`));
}

function keysOfSchema(schema: TSchema, prefix = ''): string[] {
  const { properties, items } = schema as { properties?: Record<string, TSchema>; items?: TSchema };
  if (items !== undefined && 'properties' in items) return keysOfSchema(items, prefix);
  if (properties === undefined) return [prefix];
  return Object.entries(properties).flatMap(([key, inner]) =>
    keysOfSchema(inner, prefix === '' ? key : `${prefix}.${key}`),
  );
}

describe('recognition of faces', () => {
  const KEY = 'faceTemplates: { keyFile: faces.key }\npolicy: { credentialKeyFile: credential.key }\n';
  const CAMERA =
    'cameras:\n  - { id: cam, place: gate, onvif: { url: "http://127.0.0.1/onvif" }, recognition: { accessPoint: south } }\n';
  const READER = 'readers:\n  - { id: reader, accessPoint: south, mqtt: { url: "mqtt://127.0.0.1:1" } }\n';
  function read(text: string) {
    const path = write(MINIMAL + text);
    writeFileSync(join(path, '../credential.key'), Buffer.alloc(32, 1).toString('base64'));
    return readEdgeConfig(path, {});
  }

  test('is off unless it is asked for, and needs nothing of its own then', () => {
    expect(read('').faceTemplates).toBeUndefined();
  });

  test('with a reader at the same access point is taken', () => {
    expect(read(KEY + CAMERA + READER).cameras[0]).toMatchObject({ recognition: { accessPoint: 'south' } });
  });

  test('without another way in is refused: nobody has to show their face', () => {
    expect(() => read(KEY + CAMERA)).toThrow(/recognition has no other way in.*FACE_ONLY/);
    expect(() => read(KEY + CAMERA + READER.replace('accessPoint: south', 'accessPoint: north'))).toThrow(/FACE_ONLY/);
  });

  test('without a policy or a key for templates is refused', () => {
    expect(() => read(CAMERA + READER)).toThrow(/needs policy[\s\S]*needs faceTemplates.keyFile/);
  });
});
