import { useTranslation } from 'react-i18next';
import { isErrorCode, isHubError } from '../api/hub-error.ts';
import { zh } from './zh.ts';

type Cause = Exclude<keyof typeof zh.causes, 'unknown'>;

function isCause(code: string): code is Cause {
  return code !== 'unknown' && Object.hasOwn(zh.causes, code);
}

/** Says a stable code in words, with what to do next. The edge may be newer than the page: then the code itself is named. */
export function useCodeText(): (code: string) => string {
  const { t } = useTranslation(['problems', 'causes']);
  return (code) => {
    if (isErrorCode(code)) return t(`problems:${code}`);
    if (isCause(code)) return t(`causes:${code}`);
    return t('causes:unknown', { code });
  };
}

/** Says what went wrong with a request: in words, and where the hub gave them, when to try again and its request id. */
export function useErrorText(): (error: unknown) => { readonly text: string; readonly reference: string | undefined } {
  const { t } = useTranslation('shell');
  const codeText = useCodeText();
  return (error) => {
    if (!isHubError(error)) return { text: codeText('INTERNAL'), reference: undefined };
    const wait = error.retryAfterSec === undefined ? '' : ` ${t('retryAfter', { seconds: error.retryAfterSec })}`;
    // A number is of use where somebody has to look into a log, not where the reader can help himself.
    const isInside = error.status >= 500 && error.requestId !== undefined;
    const reference = isInside ? t('requestId', { id: error.requestId }) : undefined;
    return { text: codeText(error.code) + wait, reference };
  };
}
