import {
  ACCOUNT_NAME_PATTERN,
  type AccountScope,
  type AccountView,
  MAX_PASSWORD_CHARACTERS,
  MIN_PASSWORD_CHARACTERS,
} from '@dipper/contract/api/account';
import { ROLES, type Role } from '@dipper/contract/api/session';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import { changeFrom } from './account-change.ts';
import styles from './accounts-page.module.css';
import { ScopeField } from './scope-field.tsx';
import { useChangeAccount, useCreateAccount } from './use-accounts.ts';

interface AccountDialogProps {
  /** Undefined: a new one. */
  readonly account: AccountView | undefined;
  /** Names that are taken. */
  readonly taken: readonly string[];
  readonly onClose: () => void;
}

interface Values {
  readonly name: string;
  readonly displayName: string;
  readonly roles: Role[];
  readonly scope: AccountScope | null;
  readonly password?: string;
}

const NAME = new RegExp(ACCOUNT_NAME_PATTERN, 'u');
const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase();

/** Makes an account, or changes one; a password that is left empty stays. */
export function AccountDialog({ account, taken, onClose }: AccountDialogProps) {
  const { t } = useTranslation(['accounts', 'shell']);
  const create = useCreateAccount();
  const change = useChangeAccount();
  const submit = (values: Values): void => {
    if (account === undefined) {
      create.mutate({ ...values, password: values.password ?? '' }, { onSuccess: onClose });
      return;
    }
    const different = changeFrom(account, values);
    if (different === undefined) onClose();
    else change.mutate({ id: account.id, change: different }, { onSuccess: onClose });
  };
  const nameRules = [
    { required: true, message: t('accounts:nameInvalid') },
    { pattern: NAME, message: t('accounts:nameInvalid') },
    {
      validator: (_: unknown, name: string | undefined) =>
        taken.some((each) => keyOf(each) === keyOf(name ?? ''))
          ? Promise.reject(new Error(t('accounts:nameTaken')))
          : Promise.resolve(),
    },
  ];
  return (
    <Modal
      open
      title={account === undefined ? t('accounts:create') : t('accounts:changeTitle', { name: account.name })}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
      width={480}
    >
      <Form<Values>
        layout="vertical"
        requiredMark={false}
        initialValues={account === undefined ? { roles: [], scope: null } : { ...account }}
        onFinish={submit}
      >
        <FormFailure error={create.error ?? change.error} />
        {account === undefined && (
          <Form.Item name="name" label={t('accounts:name')} extra={t('accounts:nameHint')} rules={nameRules}>
            <Input autoComplete="off" autoCapitalize="none" spellCheck={false} maxLength={64} />
          </Form.Item>
        )}
        <Form.Item
          name="displayName"
          label={t('accounts:displayName')}
          rules={[{ required: true, whitespace: true, message: t('accounts:displayNameMissing') }]}
        >
          <Input autoComplete="off" maxLength={64} />
        </Form.Item>
        <Form.Item
          name="roles"
          label={t('accounts:roles')}
          rules={[{ required: true, message: t('accounts:rolesMissing') }]}
        >
          <Select mode="multiple" options={ROLES.map((role) => ({ value: role, label: t(`shell:roles.${role}`) }))} />
        </Form.Item>
        <Form.Item name="scope" label={t('accounts:scope')} extra={t('accounts:scopeHint')}>
          <ScopeField />
        </Form.Item>
        <Form.Item
          name="password"
          label={account === undefined ? t('accounts:password') : t('accounts:newPassword')}
          extra={account === undefined ? undefined : t('accounts:endsSessions')}
          rules={[
            {
              required: account === undefined,
              min: MIN_PASSWORD_CHARACTERS,
              message: t('accounts:passwordShort', { count: MIN_PASSWORD_CHARACTERS }),
            },
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={MAX_PASSWORD_CHARACTERS} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button size="large" onClick={onClose}>
            {t('shell:cancel')}
          </Button>
          <Button size="large" type="primary" htmlType="submit" loading={create.isPending || change.isPending}>
            {t('accounts:save')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
