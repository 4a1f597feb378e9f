import 'i18next';
import type { ErrorCode } from '@dipper/contract/errors';
import type { zh } from './zh.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: typeof zh & { problems: Record<ErrorCode, string> };
  }
}
