import type { ErrorText } from './error-text.ts';

/** Edges, how they join, and what they keep. */
export const EDGE_ERRORS = {
  AGENT_OFFLINE: {
    status: 503,
    en: 'The edge agent is offline. Check its power and network.',
    zh: '边缘节点离线，请检查其电源与网络。',
  },
  OUTBOX_NOTHING_KEPT: {
    status: 410,
    en: 'The edge keeps none of these events any more. It forgets what was receipted seven days ago, earlier when its disk is short.',
    zh: '边缘节点已不再保留这些事件：已签收的事件保留七天，磁盘不足时更短。',
  },
  NOTHING_TO_RESEND: {
    status: 409,
    en: 'No dead letter of this agent has a place in its sequence and is still waiting to be sent again.',
    zh: '该节点没有可重新发送的死信。',
  },
  ENROLMENT_CODE_WRONG: {
    status: 401,
    en: 'There is no such enrolment code. Only the latest one of an agent counts: have a new one made.',
    zh: '接入码不存在。每个节点只有最新的接入码有效，请重新生成。',
  },
  ENROLMENT_CODE_USED: {
    status: 409,
    en: 'This enrolment code has been used already. Have a new one made.',
    zh: '接入码已被使用，请重新生成。',
  },
  ENROLMENT_CODE_EXPIRED: {
    status: 410,
    en: 'This enrolment code is older than 24 hours. Have a new one made.',
    zh: '接入码已超过 24 小时，请重新生成。',
  },
  ENROLMENT_NOT_SET_UP: {
    status: 409,
    en: 'This hub does not keep the broker’s passwords. Set HUB_BROKER_PASSWORDS_FILE and restart it.',
    zh: '本中枢不管理消息代理的密码，请设置 HUB_BROKER_PASSWORDS_FILE 并重启。',
  },
  AGENT_OF_ANOTHER_ESTATE: {
    status: 409,
    en: 'An agent of this name belongs to another estate. Choose another name.',
    zh: '同名节点属于另一小区，请换一个名称。',
  },
} as const satisfies Record<string, ErrorText>;
