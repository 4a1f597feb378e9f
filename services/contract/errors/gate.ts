import type { ErrorText } from './error-text.ts';

/** Gates that were told something. */
export const GATE_ERRORS = {
  GATE_COMMAND_UNCONFIRMED: {
    status: 502,
    en: 'The gate was told, and was not seen to obey. Look at it before you tell it again.',
    zh: '命令已下达，但未观察到门状态变化，请先查看现场再重试。',
  },
  GATE_COMMAND_UNSUPPORTED: {
    status: 409,
    en: 'This gate cannot do that: its controller has no such control.',
    zh: '该门的控制器不支持此操作。',
  },
  GATE_COMMAND_REFUSED: {
    status: 502,
    en: 'The gate’s controller refused the command. See its own log, and the state of the gate.',
    zh: '门控制器拒绝执行该命令，请查看控制器日志与门的状态。',
  },
  GATE_NOT_CLEAR: {
    status: 409,
    en: 'Something stands under the barrier, so it is not lowered.',
    zh: '道闸下方有物体，不予落杆。',
  },
  GATE_CLEARANCE_STALE: {
    status: 409,
    en: 'The sensor under the barrier has not told lately that the way is clear, so it is not lowered. See to the sensor.',
    zh: '道闸下方的传感器近期未报告畅通，不予落杆，请检查传感器。',
  },
  GATE_FIRE_ALARM: {
    status: 409,
    en: 'There is a fire alarm: nothing is locked, blocked or closed until it is over.',
    zh: '消防报警期间，不执行锁闭、封锁或关闭操作。',
  },
  GATE_LOCKED: {
    status: 409,
    en: 'The gate is locked. Release it first.',
    zh: '该门已锁闭，请先解除。',
  },
  GATE_BUSY: {
    status: 503,
    en: 'Other commands are waiting for this gate. Try again in a moment.',
    zh: '该门还有命令在排队，请稍后再试。',
  },
} as const satisfies Record<string, ErrorText>;
