import type { ErrorText } from './error-text.ts';

/** Pictures that rest on the edge. */
export const MEDIA_ERRORS = {
  SNAPSHOT_UNAVAILABLE: {
    status: 502,
    en: 'The camera gives no still picture now. See whether it is online, and whether it has a snapshot address.',
    zh: '摄像机暂时无法提供抓图，请检查其是否在线以及是否支持抓图。',
  },
  MEDIA_UNKNOWN: { status: 404, en: 'There is no such picture.', zh: '没有该图片。' },
  MEDIA_EXPIRED: {
    status: 410,
    en: 'The picture has been deleted at the end of its retention time.',
    zh: '图片已到保存期限并被删除。',
  },
  MEDIA_ERASED: { status: 410, en: 'The picture has been erased.', zh: '图片已被清除。' },
  MEDIA_CORRUPT: {
    status: 502,
    en: 'The stored picture does not decrypt: it was altered or its key is gone.',
    zh: '图片无法解密：已被篡改或密钥丢失。',
  },
} as const satisfies Record<string, ErrorText>;
