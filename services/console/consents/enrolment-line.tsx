import type { FaceEnrolmentView } from '@dipper/contract/api/face-consent';
import { Alert, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import styles from './consents.module.css';
import { useInstantText } from './use-instant-text.ts';

/** Six good frames make a template (edge/agent/recognition). */
const FRAMES_NEEDED = 6;

/** How an enrolment stands, as the edge tells: how far it is, what the resident can do next, or why it came to nothing. */
export function EnrolmentLine({ enrolment }: { readonly enrolment: FaceEnrolmentView }) {
  const { t } = useTranslation('faces');
  const codeText = useCodeText();
  const instantText = useInstantText();
  const { state, code, advice, goodFrames } = enrolment;
  const type = state === 'done' ? 'success' : state === 'failed' ? 'error' : 'info';
  const good = Math.min(goodFrames, FRAMES_NEEDED);
  return (
    <Alert
      type={type}
      showIcon
      // Somebody at the gate is talked through it: what changes is to be heard as well.
      aria-live="polite"
      title={state === 'seen' && advice !== null ? t(`advice.${advice}`) : t(`state.${state}`)}
      description={
        <>
          {code !== null && state === 'failed' && <p>{codeText(code)}</p>}
          {type === 'info' && (
            <div className={styles.progress}>
              <Progress
                percent={(good / FRAMES_NEEDED) * 100}
                steps={FRAMES_NEEDED}
                showInfo={false}
                aria-label={t('goodFrames')}
              />
              <span>{t('framesOf', { good, needed: FRAMES_NEEDED })}</span>
            </div>
          )}
          <span className={styles.quiet}>
            {enrolment.device} · {instantText(enrolment.askedAt)} · {enrolment.askedBy}
          </span>
        </>
      }
    />
  );
}
