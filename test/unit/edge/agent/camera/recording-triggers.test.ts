import type { EventDraft } from '@dipper/contract/events';
import { triggerOf } from '@dipper/edge/agent/camera/recording-triggers';
import { expect, it } from 'vitest';

const onvif = { topic: 'RuleEngine/LineDetector/Crossed', source: {}, data: {} };
const since = '2026-06-01T00:00:00.000Z';

it.each<[string | undefined, EventDraft['type'], object]>([
  ['motion', 'motion.started', { onvif }],
  [undefined, 'motion.ended', { onvif }],
  ['line', 'line.crossed', { onvif }],
  ['tamper', 'camera.tampered', { kind: 'reported', phase: 'started', since }],
  ['picture', 'camera.tampered', { kind: 'moved', phase: 'started', since }],
  [undefined, 'camera.tampered', { kind: 'reported', phase: 'ended', since }],
  ['picture', 'camera.frozen', { phase: 'started', since }],
  ['input', 'input.changed', { connector: '1', active: true, onvif }],
  [undefined, 'input.changed', { connector: '1', active: false, onvif }],
  [undefined, 'camera.offline', { cause: 'STREAM_HOST_DOWN', since }],
])('calls %s what %s %j tells', (trigger, type, data) => {
  const draft = { type, device: 'camera', place: 'gate', occurredAtMs: 0, data } as EventDraft;
  expect(triggerOf(draft)).toBe(trigger);
});
