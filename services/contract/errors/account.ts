import type { ErrorText } from './error-text.ts';

/** Who is asking, and what they may. */
export const ACCOUNT_ERRORS = {
  NOT_SIGNED_IN: { status: 401, en: 'Sign in first.', zh: '请先登录。' },
  TOTP_REQUIRED: {
    status: 401,
    en: 'This account signs in with a one-time code as well.',
    zh: '该账号登录时还需输入动态验证码。',
  },
  TOTP_WRONG: {
    status: 401,
    en: 'The one-time code is wrong or was used already. Wait for the next one.',
    zh: '动态验证码错误或已使用过，请等待下一个。',
  },
  TOTP_EXISTS: {
    status: 409,
    en: 'This account has a second factor already. Take it away first.',
    zh: '该账号已启用动态验证码，请先停用。',
  },
  TOTP_ENROLMENT_REQUIRED: {
    status: 403,
    en: 'Administrators need one-time codes here. Set them up in the account menu.',
    zh: '此系统要求管理员启用动态验证码，请在账号菜单中设置。',
  },
  CREDENTIALS_WRONG: { status: 401, en: 'The name or the password is wrong.', zh: '用户名或密码错误。' },
  FORBIDDEN: { status: 403, en: 'Your role does not allow this.', zh: '您的角色无权执行此操作。' },
  CSRF_INVALID: {
    status: 403,
    en: 'The request does not come from this page. Reload it and try again.',
    zh: '请求并非来自本页面，请刷新后重试。',
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    en: 'Too many attempts. Wait before the next one.',
    zh: '尝试过于频繁，请稍后再试。',
  },
  ACCOUNT_LAST_ADMIN: {
    status: 409,
    en: 'This is the last administrator. Make somebody else one first.',
    zh: '这是最后一个管理员账号，请先指定另一位管理员。',
  },
} as const satisfies Record<string, ErrorText>;
