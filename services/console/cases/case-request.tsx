import type { CaseRequest } from '@dipper/contract/api/case';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Moment } from '../time/moment.tsx';
import page from './case-page.module.css';

/** What was asked for, by whom, why. */
export function RequestText({ request }: { readonly request: CaseRequest }) {
  const { t } = useTranslation('cases');
  const { action, by, byName, at, note, until } = request;
  return (
    <Alert
      className={page.conflict ?? ''}
      type="warning"
      showIcon
      title={t('requestWaits', { name: byName ?? by, request: t(`request.${action}`) })}
      description={
        <>
          {note !== null && <p>{note}</p>}
          {until !== null && (
            <p>
              {t('newDeadline')} <Moment at={until} as="absolute" />
            </p>
          )}
          <Moment at={at} />
        </>
      }
    />
  );
}
