import type { VisitorPass } from '@dipper/contract/api/pass';
import { useQuery } from '@tanstack/react-query';
import { Alert, QRCode } from 'antd';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { keys } from '../api/keys.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { ReportFrame } from '../reports/report-frame.tsx';
import { Moment } from '../time/moment.tsx';
import styles from './passes.module.css';

/** It may be taken back while the visitor is on the way. */
const LOOK_AGAIN_MS = 30_000;

/** A visitor's pass on their phone: the code, the way, the time. */
export function VisitorPage() {
  const { t } = useTranslation('passes');
  const { code = '' } = useParams();
  const { client } = useHub();
  const { data, error, refetch } = useQuery({
    queryKey: keys.visitorPass(code),
    queryFn: ({ signal }) => client.get<VisitorPass>(`/api/v1/public/passes/${encodeURIComponent(code)}`, signal),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const isUnknown = isHubError(error, 'NOT_FOUND') || isHubError(error, 'REQUEST_INVALID');
  return (
    <ReportFrame title={t('visitorTitle')}>
      {isUnknown ? (
        <Notice title={t('unknown')} hint={t('unknownHint')} />
      ) : data !== undefined ? (
        <Pass pass={data} />
      ) : error === null ? (
        <Loading rows={6} />
      ) : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </ReportFrame>
  );
}

function Pass({ pass }: { readonly pass: VisitorPass }) {
  const { t } = useTranslation('passes');
  const localText = useLocalText();
  const { state, token, plate } = pass;
  return (
    <div className={styles.pass}>
      <p className={styles.estate}>{localText(pass.estate)}</p>
      <p className={styles.name}>{pass.name}</p>
      {state !== 'valid' && state !== 'coming' && (
        <Alert type="error" showIcon role="alert" title={t(`state.${state}`)} description={t(`stateHint.${state}`)} />
      )}
      {state === 'coming' && <Alert type="info" showIcon title={t('notYet')} />}
      {token !== null && (
        <>
          {/* Black on white at any appearance of the page: readers want the contrast. */}
          <div className={styles.code} data-pass-token={token}>
            <QRCode value={token} size={296} errorLevel="L" bordered={false} bgColor="#ffffff" color="#000000" />
          </div>
          <p>{plate === null ? t('hold') : t('byPlate', { plate })}</p>
        </>
      )}
      <dl className={styles.way}>
        <dt>{t('way')}</dt>
        {pass.accessPoints.map(({ name, place }) => (
          <dd key={name.zh + place.zh}>
            {localText(name)} <span className={styles.quiet}>{localText(place)}</span>
          </dd>
        ))}
        <dt>{t('time')}</dt>
        <dd>
          <Moment at={pass.from} as="absolute" /> – <Moment at={pass.until} as="absolute" />
        </dd>
        {token !== null && <dd className={styles.quiet}>{t('usesLeft', { count: pass.usesLeft })}</dd>}
      </dl>
      <p className={styles.quiet}>{t('noApp')}</p>
    </div>
  );
}
