import type { ErrorText } from './error-text.ts';

/** Rules that raise alarms, and their trial on history. */
export const RULE_ERRORS = {
  RULE_INVALID: {
    status: 400,
    en: 'The rule cannot be used. Each problem names its line.',
    zh: '规则无法使用，请按所列行号逐项修改。',
  },
  RULE_EXISTS: { status: 409, en: 'There is a rule with this id already.', zh: '该标识的规则已存在。' },
  RULE_IN_FILE: {
    status: 409,
    en: 'This rule stands in the rules file. Change it there and restart the hub.',
    zh: '该规则在规则文件中，请修改文件并重启中枢。',
  },
  DRY_RUN_NOT_POSSIBLE: {
    status: 409,
    en: 'What the hub itself finds out (whether agents are online, say) is not kept as history, so this rule cannot be tried on it.',
    zh: '由中枢自行判断的情况（如节点是否在线）不作为历史保存，该规则无法试运行。',
  },
  DRY_RUN_TOO_LARGE: {
    status: 409,
    en: 'That is more history than one dry run takes. Choose a shorter time, at most 31 days.',
    zh: '试运行的历史数据过多，请缩短时间范围（最长 31 天）。',
  },
  DRY_RUN_BUSY: {
    status: 429,
    en: 'Others are trying rules on the history at this moment. Try again in half a minute.',
    zh: '其他人正在试运行规则，请半分钟后再试。',
  },
} as const satisfies Record<string, ErrorText>;
