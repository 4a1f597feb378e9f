import type { HolderDetail } from '@dipper/contract/api/holder';
import { App, Button, Drawer, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { ForgiveButton } from '../access/forgive-button.tsx';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Failure, Loading } from '../layout/states.tsx';
import { useMedia } from '../layout/use-media.ts';
import { useAllowed } from '../session/session-context.ts';
import { Moment } from '../time/moment.tsx';
import { BlockButton } from './block-button.tsx';
import { CredentialList } from './credential-list.tsx';
import { PermitList } from './permit-list.tsx';
import styles from './residents.module.css';
import { useResident, useResidentAction } from './use-residents.ts';
import { VehicleList } from './vehicle-list.tsx';

interface ResidentDrawerProps {
  readonly id: string;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
}

/** One holder: what they have, where it lets them through, and what can be done about it. */
export function ResidentDrawer({ id, onOpen, onClose }: ResidentDrawerProps) {
  const { t } = useTranslation('residents');
  const { data: detail, error, refetch } = useResident(id);
  const isWide = useMedia('(min-width: 900px)');
  return (
    <Drawer open title={detail?.holder.name ?? t('title')} onClose={onClose} size={isWide ? 560 : '100%'}>
      {detail === undefined && error === null && <Loading rows={8} />}
      {detail === undefined && error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {detail !== undefined && <Resident detail={detail} onOpen={onOpen} />}
    </Drawer>
  );
}

function Resident({ detail, onOpen }: { readonly detail: HolderDetail; readonly onOpen: (id: string) => void }) {
  const { t } = useTranslation(['residents', 'shell']);
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const mayKeep = useAllowed('keepHolders');
  const { holder } = detail;
  const act = useResidentAction(holder.id);
  const isOver = holder.endedAt !== null;
  const confirmEnd = (): void => {
    modal.confirm({
      title: t('residents:endTitle', { name: holder.name }),
      content: t('residents:endHint'),
      okText: t('residents:end'),
      okButtonProps: { danger: true },
      cancelText: t('shell:cancel'),
      onOk: () => act.mutateAsync({ what: 'end' }).catch((error: unknown) => void message.error(errorText(error).text)),
    });
  };
  return (
    <>
      <p className={styles.quiet}>
        {t(`residents:kind.${holder.kind}`)}
        {holder.unit !== null && ` · ${holder.unit}`}
        {holder.owner !== null && ` · ${t('residents:ofOwner', { name: holder.owner.name })}`}
      </p>
      {holder.blockedAt !== null && (
        <p>
          <Tag color="error">{t('residents:blocked')}</Tag> {holder.blockReason} · {holder.blockedBy} ·{' '}
          <Moment at={holder.blockedAt} as="absolute" />
        </p>
      )}
      {holder.endedAt !== null && (
        <p>
          <Tag>{t('residents:ended')}</Tag> <Moment at={holder.endedAt} as="absolute" />
        </p>
      )}
      {!isOver && (
        <div className={styles.partHead}>
          <BlockButton
            isBlocked={holder.blockedAt !== null}
            name={holder.name}
            onDecide={(body) => act.mutateAsync({ what: 'block', body })}
          />
          <ForgiveButton
            path={`/api/v1/holders/${encodeURIComponent(holder.id)}`}
            title={t('residents:forgiveTitle', { name: holder.name })}
            hint={t('residents:forgiveHint')}
          >
            {t('residents:forgive')}
          </ForgiveButton>
          {mayKeep && (
            <Button danger onClick={confirmEnd}>
              {t('residents:end')}
            </Button>
          )}
        </div>
      )}
      <CredentialList detail={detail} act={act} />
      <PermitList detail={detail} act={act} />
      {holder.kind === 'resident' && <VehicleList detail={detail} act={act} onOpen={onOpen} />}
    </>
  );
}
