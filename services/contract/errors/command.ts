import type { ErrorText } from './error-text.ts';

/** Signed commands, and the keys that sign them. */
export const COMMAND_ERRORS = {
  SIGNATURE_INVALID: {
    status: 401,
    en: 'The signature does not verify with the pinned key.',
    zh: '签名无法用已固定的公钥验证。',
  },
  COMMAND_EXPIRED: { status: 409, en: 'The command is not valid at this time.', zh: '命令不在有效期内。' },
  COMMAND_MISDIRECTED: { status: 409, en: 'The command is meant for another agent.', zh: '命令的目标不是本边缘节点。' },
  COMMAND_REPLAYED: { status: 409, en: 'The command has been seen before.', zh: '命令已被使用过。' },
  COMMAND_CHALLENGE_UNKNOWN: {
    status: 409,
    en: 'The command quotes no recent challenge of this agent.',
    zh: '命令未引用本节点最近发出的挑战值。',
  },
  HUB_KEYS_UNRELATED: {
    status: 409,
    en: 'The agent believes none of these keys. It has to enrol again.',
    zh: '边缘节点不信任其中任何密钥，须重新接入。',
  },
  HUB_KEY_ROTATION_UNDER_WAY: {
    status: 409,
    en: 'A next key is being learnt already. Bring that to an end first.',
    zh: '已有新密钥正在分发，请先完成本次更换。',
  },
  COMMAND_UNSUPPORTED: { status: 409, en: 'The agent cannot carry out this command.', zh: '边缘节点不支持该命令。' },
  COMMAND_TIMEOUT: {
    status: 504,
    en: 'The agent did not answer in time. See whether it is online.',
    zh: '边缘节点未及时应答，请检查其是否在线。',
  },
} as const satisfies Record<string, ErrorText>;
