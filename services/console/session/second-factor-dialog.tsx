import {
  ONE_TIME_CODE_PATTERN,
  type RecoveryCodes,
  type TotpCode,
  type TotpSecret,
  type TotpStatus,
} from '@dipper/contract/api/totp';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal, QRCode, Spin, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import styles from './second-factor-dialog.module.css';

const ONE_TIME_CODE = new RegExp(ONE_TIME_CODE_PATTERN);

/** Sets up one-time codes for one's own account, or takes them away. */
export function SecondFactorDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('session');
  const { client } = useHub();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const status = useQuery({
    queryKey: keys.totp,
    queryFn: ({ signal }) => client.get<TotpStatus>('/api/v1/totp', signal),
  });
  const begin = useMutation({ mutationFn: () => client.send<TotpSecret>('POST', '/api/v1/totp') });
  const confirm = useMutation({
    mutationFn: (body: TotpCode) => client.send<RecoveryCodes>('POST', '/api/v1/totp/confirmation', body),
    // Whatever was refused for want of it is asked for again.
    onSuccess: () => queryClient.invalidateQueries(),
  });
  const remove = useMutation({
    mutationFn: (body: TotpCode) => client.send('POST', '/api/v1/totp/removal', body),
    onSuccess: () => {
      begin.reset();
      return queryClient.invalidateQueries({ queryKey: keys.totp });
    },
  });
  const error = confirm.error ?? remove.error ?? begin.error ?? status.error;
  const content = () => {
    if (confirm.data !== undefined) {
      return (
        <>
          <p>{t('factor.kept')}</p>
          <ul className={styles.codes}>
            {confirm.data.recoveryCodes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ul>
          <Button type="primary" block onClick={onClose}>
            {t('factor.done')}
          </Button>
        </>
      );
    }
    if (begin.data !== undefined) {
      return (
        <>
          <p>{t('factor.scan')}</p>
          <QRCode className={styles.code ?? ''} value={begin.data.uri} bgColor="#fff" color="#000" />
          <Typography.Text className={styles.secret ?? ''} copyable>
            {begin.data.secret}
          </Typography.Text>
          <CodeForm label={t('factor.confirm')} isSending={confirm.isPending} onCode={confirm.mutate} />
        </>
      );
    }
    if (status.data === undefined) return status.isPending ? <Spin /> : null;
    if (status.data.confirmedAt === null) {
      return (
        <>
          <p>{t(status.data.required ? 'factor.required' : 'factor.off')}</p>
          <Button type="primary" block loading={begin.isPending} onClick={() => begin.mutate()}>
            {t('factor.begin')}
          </Button>
        </>
      );
    }
    return (
      <>
        <p>{t('factor.on', { count: status.data.recoveryCodesLeft })}</p>
        <CodeForm label={t('factor.remove')} isSending={remove.isPending} onCode={remove.mutate} isDanger />
      </>
    );
  };
  return (
    <Modal open title={t('factor.title')} footer={null} onCancel={onClose} mask={{ closable: false }} width={420}>
      {error !== null && <Alert className={styles.notice ?? ''} type="error" showIcon title={errorText(error).text} />}
      {content()}
    </Modal>
  );
}

interface CodeFormProps {
  readonly label: string;
  readonly isSending: boolean;
  readonly isDanger?: boolean;
  readonly onCode: (code: TotpCode) => void;
}

function CodeForm({ label, isSending, isDanger = false, onCode }: CodeFormProps) {
  const { t } = useTranslation('session');
  return (
    <Form<TotpCode> layout="vertical" requiredMark={false} onFinish={onCode}>
      <Form.Item
        name="code"
        label={t('code')}
        normalize={(typed: string) => typed.trim().toLowerCase()}
        rules={[{ required: true, pattern: ONE_TIME_CODE, message: t('codeMissing') }]}
      >
        <Input autoComplete="one-time-code" maxLength={24} autoFocus />
      </Form.Item>
      <Button type="primary" htmlType="submit" block danger={isDanger} loading={isSending}>
        {label}
      </Button>
    </Form>
  );
}
