import type { ErrorText } from './error-text.ts';

/** Requests of any kind. */
export const REQUEST_ERRORS = {
  REQUEST_INVALID: { status: 400, en: 'The request does not match its schema.', zh: '请求不符合其结构定义。' },
  NOT_FOUND: { status: 404, en: 'There is nothing here.', zh: '此处没有内容。' },
  CURSOR_INVALID: { status: 400, en: 'The cursor is not one that this list gave out.', zh: '游标无效，请从头翻页。' },
  VERSION_CONFLICT: {
    status: 409,
    en: 'Somebody changed this meanwhile. Reload and decide again.',
    zh: '内容已被他人修改，请刷新后重新处理。',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    en: 'This Idempotency-Key belongs to another request. Use a new one for each request.',
    zh: '该幂等键已用于另一请求，请为每个请求使用新的键。',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    en: 'The first request with this Idempotency-Key is still under way. Ask again in a moment.',
    zh: '使用该幂等键的首个请求仍在处理，请稍后再试。',
  },
  IDEMPOTENCY_ANSWER_LOST: {
    status: 409,
    en: 'The first request with this Idempotency-Key was carried out, but its answer was lost. Do not send it again; read what it changed.',
    zh: '使用该幂等键的首个请求已执行，但应答已丢失。请勿重发，请查询其结果。',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    en: 'The database does not answer. The hub keeps trying.',
    zh: '数据库无应答，系统正在重试。',
  },
  INTERNAL: {
    status: 500,
    en: 'Something failed inside. The log has the details under this request id.',
    zh: '内部错误，详情见日志中的请求编号。',
  },
} as const satisfies Record<string, ErrorText>;
