import { createCameraIdentities } from '@dipper/edge/agent/camera-identities';
import { pino } from 'pino';
import { expect, test } from 'vitest';

const about = (serialNumber: string | undefined) => ({
  ...{ manufacturer: 'Plain', model: 'C1', firmware: '1.10', hardwareId: undefined, serialNumber },
});

test('of two cameras that say they are one device the log tells, once; one that is gone is no other any more', () => {
  const lines: { code?: string; devices?: string[] }[] = [];
  const identities = createCameraIdentities(pino({}, { write: (line) => void lines.push(JSON.parse(line)) }));
  for (const camera of ['east', 'west', 'west', 'east']) identities.note(camera, about('0042'));
  identities.note('north', about('0043'));
  for (const camera of ['one', 'another']) identities.note(camera, about(undefined));
  expect(lines).toMatchObject([{ code: 'CAMERA_IDENTITY_TWICE', devices: ['west', 'east'] }]);
  identities.forget('east');
  identities.note('south', about('0042'));
  expect(lines.slice(1)).toMatchObject([{ devices: ['south', 'west'] }]);
});
