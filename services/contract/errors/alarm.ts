import type { ErrorText } from './error-text.ts';

/** Alarms, the incidents they make, and what keeps them quiet. */
export const ALARM_ERRORS = {
  ALARM_ALREADY_ACKNOWLEDGED: { status: 409, en: 'The alarm has been acknowledged already.', zh: '告警已被确认。' },
  ALARM_SAFETY_CRITICAL: {
    status: 409,
    en: 'This alarm is critical to safety: it is never shelved, taken out of service or suppressed. Answer it.',
    zh: '该告警涉及安全，不允许搁置、停用或屏蔽，请直接处置。',
  },
  ALARM_ALREADY_SHELVED: {
    status: 409,
    en: 'The alarm has been shelved already.',
    zh: '该告警已被搁置。',
  },
  SHELF_TOO_LONG: {
    status: 409,
    en: 'Nothing may be shelved for so long. Choose a shorter time, or take the device out of service.',
    zh: '搁置时间超过上限，请缩短时间，或将设备停用。',
  },
  ALREADY_OUT_OF_SERVICE: { status: 409, en: 'It is out of service already.', zh: '已处于停用状态。' },
  ALREADY_ENDED: { status: 409, en: 'Somebody, or the clock, has ended this already.', zh: '已由他人结束或已到期。' },
  JOIN_NOT_ALLOWED: {
    status: 409,
    en: 'These two incidents cannot be joined: they have to be two, of one estate.',
    zh: '这两起事件不能合并：须为同一小区的两起不同事件。',
  },
  INCIDENT_JOINED: {
    status: 409,
    en: 'Somebody has joined this incident into another meanwhile. Reload and decide again.',
    zh: '该事件已被并入另一起事件，请刷新后重新处理。',
  },
  INCIDENT_CASE_ENDED: {
    status: 409,
    en: 'The case of this incident has ended, and nobody would be sent for what is added. Reopen the case first.',
    zh: '该事件的案件已办结，新并入的告警将无人处置，请先重新打开案件。',
  },
  INCIDENTS_HAVE_CASES: {
    status: 409,
    en: 'Both incidents have a case. A dispatcher can join them, which merges the two cases.',
    zh: '两起事件都已有案件，请由调度员合并事件，两个案件将一并合并。',
  },
  SPLIT_NOT_ALLOWED: {
    status: 409,
    en: 'Name alarms of this incident, and leave at least one of them. Reload: it may have changed.',
    zh: '请选择本事件中的告警，并至少保留一条；事件可能已变化，请刷新。',
  },
} as const satisfies Record<string, ErrorText>;
