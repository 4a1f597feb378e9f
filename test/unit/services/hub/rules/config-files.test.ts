import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPlacesFile } from '@dipper/hub/domains/place/place.file';
import { CONDITIONS } from '@dipper/hub/rules/conditions';
import { readRulesFile } from '@dipper/hub/rules/rule-file';
import { describe, expect, it } from 'vitest';

const sample = (name: string): string => fileURLToPath(new URL(`../../../../../config/${name}`, import.meta.url));

/** Reads a sample with one thing changed. */
function changed<T>(name: string, from: string, to: string, read: (file: string) => T): () => T {
  const text = readFileSync(sample(name), 'utf8');
  if (!text.includes(from)) throw new Error(`${name} has no '${from}'`);
  const file = join(mkdtempSync(join(tmpdir(), 'dipper-config-')), name);
  writeFileSync(file, text.replace(from, to));
  return () => read(file);
}
const rules = (from: string, to: string) => changed('rules.yaml', from, to, (file) => readRulesFile(file, CONDITIONS));
const places = (from: string, to: string) => changed('places.yaml', from, to, readPlacesFile);
const lineOf = (name: string, text: string): number =>
  readFileSync(sample(name), 'utf8')
    .slice(0, readFileSync(sample(name), 'utf8').indexOf(text))
    .split('\n').length;

describe('config/rules.yaml', () => {
  it('is valid, and has the rules that the demo needs', () => {
    const ids = readRulesFile(sample('rules.yaml'), CONDITIONS).rules.map(({ id }) => id);
    expect(ids).toEqual([
      'closed-entrance-face',
      'barrier-forced',
      'camera-offline',
      'camera-covered',
      'camera-tampering-reported',
      'camera-moved',
      'camera-degraded',
      'camera-frozen',
      'agent-offline',
      'storage-low',
      'policy-behind',
      'erasure-overdue',
      'messages-refused',
      'agent-not-judged',
      'edge-clock-stepped',
      'hub-clock-stepped',
      'hub-clock-leapt',
      'access-duress',
      'fire-alarm',
    ]);
  });

  it.each([
    [
      'outside-hours: true',
      'outside-hour: true',
      /outside-hour: there is no such condition; did you mean 'outside-hours'\?/,
    ],
    ['phase: started }', 'phase: begun }', /when\.phase/],
    ['on: [gate.forced]', 'on: [gate.force]', /rules\[1\]\.on\[0\] must be one of .*; did you mean 'gate\.forced'\?/],
    ['onDelaySec: 20', 'onDelaySecs: 20', /onDelaySecs is not a key; did you mean 'onDelaySec'\?/],
    ['clear: { afterMin: 10 }', 'clear: { afterMin: 10, byHand: true }', /needs exactly one of/],
    ['key: "{place}"', 'key: "{plaec}"', /\{plaec\} stands for nothing; did you mean 'place'\?/],
    ['priority: critical', 'priority: urgent', /rules\[1\]\.priority must be one of critical/],
    ['- id: camera-offline', '- id: camera-frozen', /'camera-frozen' occurs twice/],
  ])('does not take %s changed to %s', (from, to, problem) => {
    expect(rules(from, to)).toThrow(problem);
  });

  it('names the line of a mistake', () => {
    const line = lineOf('rules.yaml', 'onDelaySec: 20');
    expect(rules('onDelaySec: 20', 'onDelaySec: never')).toThrow(new RegExp(`line ${line}: rules\\[2\\]\\.onDelaySec`));
  });
});

describe('config/places.yaml', () => {
  it('is valid', () => {
    expect(readPlacesFile(sample('places.yaml')).places.map(({ id }) => id)).toContain('lanting-service-gate');
  });

  it.each([
    [
      'place: lanting-service-gate',
      'place: lanting-servce-gate',
      /there is no 'lanting-servce-gate' in places; did you mean 'lanting-service-gate'\?/,
    ],
    ['closed: always', 'closed: sometimes', /closed/],
    ['mon: ["06:00-22:00"]', 'mon: ["6-22"]', /hours\.weekly\.mon\[0\]/],
    ['timeZone: Asia/Shanghai', 'timeZone: Asia/Lanting', /there is no time zone 'Asia\/Lanting'/],
    [
      '    estate: lanting\n    grid: hupan-grid-1',
      '    estate: lanting\n    gird: hupan-grid-1',
      /gird is not a key; did you mean 'grid'\?/,
    ],
  ])('does not take %s changed to %s', (from, to, problem) => {
    expect(places(from, to)).toThrow(problem);
  });
});
