import type { ErrorText } from './error-text.ts';

/** Who may pass: policies, holders, credentials, passes. */
export const ACCESS_ERRORS = {
  POLICY_KEY_WRONG: {
    status: 401,
    en: 'The edge’s credential key is not the one that the hub has. Have the edge enrol again.',
    zh: '边缘节点的凭证密钥与中枢不一致，请重新接入该节点。',
  },
  POLICY_SUPERSEDED: {
    status: 409,
    en: 'There is a later policy already; the broker tells of it.',
    zh: '已有更新的通行策略，请等待消息代理通知。',
  },
  POLICY_VERSION_LOWER: {
    status: 409,
    en: 'The policy has a lower version than the one that the edge goes by. It was refused.',
    zh: '通行策略版本低于边缘节点现用版本，已拒绝。',
  },
  POLICY_INVALID: {
    status: 422,
    en: 'The policy is not what was signed, is meant for another edge, or cannot be decided by. It was refused.',
    zh: '通行策略与签名不符、目标不是本节点或内容无效，已拒绝。',
  },
  POLICY_UNREACHABLE: {
    status: 504,
    en: 'The edge cannot fetch the policy from the hub. Check its way to the hub’s address.',
    zh: '边缘节点无法从中枢获取通行策略，请检查其到中枢地址的网络。',
  },
  CREDENTIAL_IN_USE: {
    status: 409,
    en: 'Somebody of this estate has this card or plate already.',
    zh: '本小区已有人使用该卡号或车牌。',
  },
  CREDENTIAL_INVALID: {
    status: 422,
    en: 'This is no number of a card, or no plate.',
    zh: '卡号或车牌格式不正确。',
  },
  HOLDER_ENDED: {
    status: 409,
    en: 'This holder has been ended. Enter them anew.',
    zh: '该持有人已注销，请重新登记。',
  },
  PASS_ENDED: {
    status: 409,
    en: 'This pass has been taken back already, or its time is up.',
    zh: '该通行证已撤销或已过期。',
  },
  TOO_MANY_PASSES: {
    status: 409,
    en: 'As many passes as a resident may have out at once. Take one back first, or ask the guard.',
    zh: '同时有效的通行证已达上限，请先撤销一张，或联系门卫。',
  },
  INVITE_WITHOUT_ENTRANCE: {
    status: 409,
    en: 'The resident has no way in of their own, so visitors have none. Give them a permit first.',
    zh: '该住户没有通行权限，访客也无法通行。请先为住户登记权限。',
  },
  ACCESS_POINT_EXISTS: {
    status: 409,
    en: 'There is one of this id already. Choose another.',
    zh: '该标识已存在，请换一个。',
  },
  ACCESS_STILL_USED: {
    status: 409,
    en: 'A rule, a consent or a permit still refers to it, perhaps one that has ended and is kept a while. Take it out there first.',
    zh: '仍被规则、同意书或通行权限引用（也可能是已结束、尚在保存期内的权限），请先在那里去掉。',
  },
} as const satisfies Record<string, ErrorText>;
