import type { AccountScope } from '@dipper/contract/api/account';
import type { Role } from '@dipper/contract/api/session';
import type { CreatedApiToken } from '@dipper/contract/api/token';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { ScopeField } from '../accounts/scope-field.tsx';
import { useHub } from '../api/hub-context.ts';
import { FormFailure } from '../layout/states.tsx';
import { useSession } from '../session/session-context.ts';
import styles from './account-page.module.css';
import { useMakeToken } from './use-own-access.ts';

interface TokenDialogProps {
  readonly onMade: (token: CreatedApiToken) => void;
  readonly onClose: () => void;
}

interface Values {
  readonly name: string;
  readonly roles: Role[];
  readonly scope: AccountScope | null;
  readonly days: number;
}

const LIVES_DAYS = [7, 30, 90, 365] as const;
const DAY_MS = 86_400_000;

/** Asks what a program is to be allowed, and for how long. */
export function TokenDialog({ onMade, onClose }: TokenDialogProps) {
  const { t } = useTranslation(['account', 'shell']);
  const { account } = useSession();
  const { clock } = useHub();
  const make = useMakeToken();
  const submit = ({ name, roles, scope, days }: Values): void =>
    make.mutate(
      {
        ...{ name, roles, expiresAt: new Date(clock.nowMs() + days * DAY_MS).toISOString() },
        ...(scope === null ? {} : { scope }),
      },
      { onSuccess: onMade },
    );
  return (
    <Modal open title={t('account:makeToken')} footer={null} onCancel={onClose} mask={{ closable: false }} width={480}>
      <Form<Values>
        layout="vertical"
        requiredMark={false}
        initialValues={{ roles: account.roles.length === 1 ? account.roles : [], scope: null, days: 90 }}
        onFinish={submit}
      >
        <FormFailure error={make.error} />
        <Form.Item
          name="name"
          label={t('account:tokenName')}
          extra={t('account:tokenNameHint')}
          rules={[{ required: true, whitespace: true, message: t('account:tokenNameMissing') }]}
        >
          <Input autoComplete="off" maxLength={64} />
        </Form.Item>
        <Form.Item
          name="roles"
          label={t('account:tokenRoles')}
          extra={t('account:tokenRolesHint')}
          rules={[{ required: true, message: t('account:tokenRolesMissing') }]}
        >
          <Select
            mode="multiple"
            options={account.roles.map((role) => ({ value: role, label: t(`shell:roles.${role}`) }))}
          />
        </Form.Item>
        <Form.Item name="scope" label={t('account:tokenScope')} extra={t('account:tokenScopeHint')}>
          <ScopeField />
        </Form.Item>
        <Form.Item name="days" label={t('account:tokenLife')}>
          <Select options={LIVES_DAYS.map((days) => ({ value: days, label: t('account:days', { count: days }) }))} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button size="large" onClick={onClose}>
            {t('shell:cancel')}
          </Button>
          <Button size="large" type="primary" htmlType="submit" loading={make.isPending}>
            {t('account:make')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
