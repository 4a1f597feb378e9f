const MESSAGES = {
  TEMPLATE_KEY_PERMISSIONS: 'The key file of face templates can be read by others. Run: chmod 600',
  TEMPLATE_KEY_INVALID:
    'The key file of face templates holds no keys (lines of 32 bytes in Base64, the newest first). Restore it from its backup:',
  TEMPLATE_KEY_MISSING:
    'There are face templates, but the key file is gone. Restore it from its backup, or delete face-templates.sqlite and have residents enrol again:',
} as const;

export type TemplateErrorCode = keyof typeof MESSAGES;

/** Something wrong with the key of sealed face templates. */
export class TemplateError extends Error {
  readonly code: TemplateErrorCode;

  constructor(code: TemplateErrorCode, path: string, options: { cause?: unknown } = {}) {
    super(`${MESSAGES[code]} ${path}`, options);
    this.name = 'TemplateError';
    this.code = code;
  }
}
