import type { CredentialView, HolderDetail, NewCredential } from '@dipper/contract/api/holder';
import { App, Button, Dropdown, Form, Input, Modal, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { SecretDialog } from '../layout/secret-dialog.tsx';
import { FormFailure } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { BlockButton } from './block-button.tsx';
import styles from './residents.module.css';
import type { useResidentAction } from './use-residents.ts';

interface CredentialListProps {
  readonly detail: HolderDetail;
  readonly act: ReturnType<typeof useResidentAction>;
}

/** Cards, plates and PINs of a holder. A PIN is shown once, when the hub has made it. */
export function CredentialList({ detail, act }: CredentialListProps) {
  const { t } = useTranslation('residents');
  const { message } = App.useApp();
  const errorText = useErrorText();
  const mayKeep = useAllowed('keepHolders');
  const [asked, setAsked] = useState<'card' | 'plate'>();
  const [pin, setPin] = useState<string>();
  const complain = (error: unknown): void => void message.error(errorText(error).text);
  const addPin = (duress: boolean): void =>
    act.mutate(
      { what: 'credential', body: { factor: 'pin', ...(duress && { duress }) } },
      { onSuccess: (made) => 'pin' in made && made.pin !== null && setPin(made.pin), onError: complain },
    );
  const add = {
    items: (['card', 'plate', 'pin', 'duress'] as const).map((key) => ({ key, label: t(`add.${key}`) })),
    onClick: ({ key }: { readonly key: string }) => {
      if (key === 'card' || key === 'plate') setAsked(key);
      else addPin(key === 'duress');
    },
  };
  return (
    <section className={styles.part}>
      <div className={styles.partHead}>
        <h3>{t('credentials')}</h3>
        {mayKeep && detail.holder.endedAt === null && (
          <Dropdown menu={add} trigger={['click']}>
            <Button loading={act.isPending}>{t('addCredential')}</Button>
          </Dropdown>
        )}
      </div>
      {detail.credentials.length === 0 && <p className={styles.quiet}>{t('noCredentials')}</p>}
      <ul className={styles.items}>
        {detail.credentials.map((credential) => (
          <li key={credential.id} className={styles.item}>
            <span className={styles.what}>
              {t(`factor.${credential.factor}`)} <CredentialText credential={credential} />
            </span>
            <BlockButton
              isBlocked={credential.blockedAt !== null}
              name={t(`factor.${credential.factor}`)}
              onDecide={(body) => act.mutateAsync({ what: 'block-credential', credential: credential.id, body })}
            />
            {mayKeep && (
              <Button
                onClick={() => act.mutate({ what: 'end-credential', credential: credential.id }, { onError: complain })}
              >
                {t('takeBack')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asked !== undefined && (
        <ValueDialog
          factor={asked}
          onClose={() => setAsked(undefined)}
          onSave={(body) => act.mutateAsync({ what: 'credential', body })}
        />
      )}
      {pin !== undefined && (
        <SecretDialog title={t('pinTitle')} hint={t('pinHint')} secret={pin} onClose={() => setPin(undefined)} />
      )}
    </section>
  );
}

function CredentialText({ credential }: { readonly credential: CredentialView }) {
  const { t } = useTranslation('residents');
  const { factor, shown, duress, blockedAt, blockReason } = credential;
  return (
    <>
      {shown !== null && <strong>{factor === 'plate' ? shown : `…${shown}`}</strong>}{' '}
      {duress && <Tag color="warning">{t('duress')}</Tag>}
      {blockedAt !== null && (
        <Tag color="error">
          {t('blocked')}: {blockReason}
        </Tag>
      )}
    </>
  );
}

interface ValueDialogProps {
  readonly factor: 'card' | 'plate';
  readonly onClose: () => void;
  readonly onSave: (body: NewCredential) => Promise<unknown>;
}

function ValueDialog({ factor, onClose, onSave }: ValueDialogProps) {
  const { t } = useTranslation(['residents', 'shell']);
  const [error, setError] = useState<unknown>(null);
  const [isPending, setPending] = useState(false);
  const save = async ({ value }: { readonly value: string }): Promise<void> => {
    setPending(true);
    try {
      await onSave({ factor, value });
      onClose();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setPending(false);
    }
  };
  return (
    <Modal open title={t(`residents:add.${factor}`)} footer={null} onCancel={onClose} mask={{ closable: false }}>
      <Form<{ value: string }> layout="vertical" requiredMark={false} onFinish={(values) => void save(values)}>
        <FormFailure error={error} />
        <Form.Item
          name="value"
          label={t(`residents:value.${factor}`)}
          extra={t(`residents:valueHint.${factor}`)}
          rules={[{ required: true, whitespace: true, min: 4, message: t('residents:valueMissing') }]}
        >
          <Input autoComplete="off" spellCheck={false} maxLength={factor === 'card' ? 48 : 16} autoFocus />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={isPending}>
            {t('residents:save')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
