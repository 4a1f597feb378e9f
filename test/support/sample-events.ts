import { randomUUID } from 'node:crypto';
import type { DipperEventOf } from '@dipper/contract/events';

/** A well-formed `face.captured`, as an edge would send it. */
export function faceCaptured(over: Partial<DipperEventOf<'face.captured'>> = {}): DipperEventOf<'face.captured'> {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/lanting/lanting-edge-1',
    type: 'face.captured',
    subject: 'lanting-service-face',
    place: 'lanting-service-gate',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    epoch: randomUUID(),
    sequence: 1,
    data: {
      track: randomUUID(),
      firstSeenAt: '2026-11-24T10:00:00.000Z',
      capturedAt: '2026-11-24T10:00:01.200Z',
      senderAt: '2026-11-24T10:00:01.150Z',
      source: 'main',
      frame: { widthPx: 1280, heightPx: 720 },
      box: { x: 0.4, y: 0.2, width: 0.1, height: 0.2 },
      quality: { score: 0.8, sharpness: 120, sizePx: 128, yawDeg: 3, pitchDeg: -4, rollDeg: 1, bothEyes: true },
      media: { ref: randomUUID(), mime: 'image/jpeg', expiresAt: '2026-11-27T10:00:01.200Z' },
    },
    ...over,
  };
}

/** A well-formed `gate.state`. */
export function gateState(over: Partial<DipperEventOf<'gate.state'>> = {}): DipperEventOf<'gate.state'> {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/lanting/lanting-edge-1',
    type: 'gate.state',
    subject: 'lanting-service-barrier',
    place: 'lanting-service-gate',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    epoch: randomUUID(),
    sequence: 1,
    data: { position: 'closed', relay: 'inactive', contact: 'closed' },
    ...over,
  };
}
