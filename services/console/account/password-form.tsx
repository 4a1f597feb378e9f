import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from '@dipper/contract/api/account';
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormFailure } from '../layout/states.tsx';
import { useSession } from '../session/session-context.ts';
import styles from './account-page.module.css';
import { useChangePassword } from './use-own-access.ts';

interface Values {
  readonly current: string;
  readonly password: string;
  readonly again: string;
}

/** Changes one's own password. */
export function PasswordForm() {
  const { t } = useTranslation(['account', 'accounts', 'session']);
  const { account } = useSession();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const change = useChangePassword();
  const submit = ({ current, password }: Values): void =>
    change.mutate(
      { current, password },
      {
        onSuccess: () => {
          form.resetFields();
          message.success(t('account:passwordChanged'));
        },
      },
    );
  return (
    <section className={styles.section} aria-labelledby="account-password">
      <h2 id="account-password">{t('account:password')}</h2>
      <p className={styles.quiet}>{t('account:passwordHint')}</p>
      <Form<Values> form={form} className={styles.form ?? ''} layout="vertical" requiredMark={false} onFinish={submit}>
        <FormFailure error={change.error} />
        {/* Lets a password manager know whose password it is. */}
        <input
          className="only-heard"
          type="text"
          autoComplete="username"
          value={account.name}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <Form.Item
          name="current"
          label={t('account:currentPassword')}
          rules={[{ required: true, message: t('session:passwordMissing') }]}
        >
          <Input.Password autoComplete="current-password" maxLength={MAX_PASSWORD_CHARACTERS} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('account:newPassword')}
          rules={[
            {
              required: true,
              min: MIN_PASSWORD_CHARACTERS,
              message: t('accounts:passwordShort', { count: MIN_PASSWORD_CHARACTERS }),
            },
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={MAX_PASSWORD_CHARACTERS} />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('account:passwordAgain')}
          dependencies={['password']}
          rules={[
            {
              validator: (_: unknown, again = '') =>
                again === (form.getFieldValue('password') ?? '')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('account:passwordDiffers'))),
            },
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={MAX_PASSWORD_CHARACTERS} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t('account:changePassword')}
        </Button>
      </Form>
    </section>
  );
}
