import { useTranslation } from 'react-i18next';
import { zh } from './zh.ts';

type Reason = Exclude<keyof typeof zh.reasons, 'unknown'>;

function isReason(code: string): code is Reason {
  return code !== 'unknown' && Object.hasOwn(zh.reasons, code);
}

/** Says why a request at a gate was granted or denied. The edge may know more reasons than the page: then the code is named. */
export function useReasonText(): (code: string) => string {
  const { t } = useTranslation('reasons');
  return (code) => (isReason(code) ? t(code) : t('unknown', { code }));
}
