import type { ErrorText } from './error-text.ts';

/** Messages between edge and hub. */
export const MESSAGE_ERRORS = {
  MESSAGE_NOT_JSON: { status: 400, en: 'The message is not valid JSON.', zh: '消息不是有效的 JSON。' },
  MESSAGE_TOO_LARGE: {
    status: 413,
    en: 'The message is larger than the contract allows.',
    zh: '消息超过协议允许的大小。',
  },
  MESSAGE_INVALID: { status: 400, en: 'The message does not match its schema.', zh: '消息不符合其结构定义。' },
  TOPIC_UNKNOWN: { status: 400, en: 'The topic is not part of the contract.', zh: '主题不在协议之内。' },
  EVENT_INVALID: {
    status: 400,
    en: 'The event does not match the schema of its type.',
    zh: '事件不符合其类型的结构定义。',
  },
  EVENT_TYPE_UNKNOWN: { status: 400, en: 'The event type is not part of the contract.', zh: '事件类型不在协议之内。' },
  EVENT_MISDIRECTED: {
    status: 400,
    en: 'The event names another agent than the topic it came on.',
    zh: '事件所属的边缘节点与主题不一致。',
  },
} as const satisfies Record<string, ErrorText>;
