import type { ErrorText } from './error-text.ts';

/** Other systems that are told. */
export const WEBHOOK_ERRORS = {
  WEBHOOK_ADDRESS_REFUSED: {
    status: 422,
    en: 'The address leads into a private network, or is not https. HUB_WEBHOOK_ALLOWED_NETWORKS names the networks that are allowed.',
    zh: '该地址指向内部网络，或不是 https。允许的网络由 HUB_WEBHOOK_ALLOWED_NETWORKS 指定。',
  },
  WEBHOOK_LIMIT_REACHED: {
    status: 409,
    en: 'There are as many webhooks as the hub serves. Delete one first.',
    zh: 'Webhook 数量已达上限，请先删除一个。',
  },
} as const satisfies Record<string, ErrorText>;
