import type { EventDraft } from '@dipper/contract/events';

/**
 * What makes a camera that is recorded by event record: faces and plates that were captured, a picture that is frozen, covered
 * or moved, and what the camera tells by ONVIF events. `motion` is also what moves by the pixels of the sub-stream.
 */
export const RECORDING_TRIGGERS = ['faces', 'plates', 'picture', 'tamper', 'motion', 'line', 'input'] as const;
export type RecordingTrigger = (typeof RECORDING_TRIGGERS)[number];

/** Which of them an event is; undefined for one that is none, as the end of something. */
export function triggerOf(draft: EventDraft): RecordingTrigger | undefined {
  switch (draft.type) {
    case 'face.captured':
      return 'faces';
    case 'plate.read':
      return 'plates';
    case 'camera.frozen':
      return draft.data.phase === 'started' ? 'picture' : undefined;
    case 'camera.tampered':
      if (draft.data.phase !== 'started') return undefined;
      return draft.data.kind === 'reported' ? 'tamper' : 'picture';
    case 'motion.started':
      return 'motion';
    case 'line.crossed':
      return 'line';
    case 'input.changed':
      return draft.data.active ? 'input' : undefined;
    default:
      return undefined;
  }
}
