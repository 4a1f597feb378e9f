import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from '@dipper/contract/api/account';
import { PASSWORD_CODE_PATTERN, type PasswordByCode } from '@dipper/contract/api/password';
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Entrance } from './entrance.tsx';
import styles from './sign-in-page.module.css';

const CODE = new RegExp(PASSWORD_CODE_PATTERN);

/** Sets a password with the code that an administrator has handed out; nobody is signed in by it. */
export function SetPasswordPage() {
  const { t } = useTranslation(['session', 'shell', 'accounts']);
  const { client } = useHub();
  const errorText = useErrorText();
  const set = useMutation({
    mutationFn: (body: PasswordByCode) => client.send<void>('POST', '/api/v1/password/by-code', body),
  });
  const failure = set.error === null ? undefined : errorText(set.error);
  return (
    <Entrance
      titleId="set-password-title"
      title={t('session:setPassword.title')}
      tagline={t('session:setPassword.tagline')}
    >
      {failure !== undefined && (
        <Alert
          className={styles.notice ?? ''}
          type="error"
          showIcon
          role="alert"
          title={failure.text}
          description={failure.reference}
        />
      )}
      {set.isSuccess ? (
        <>
          <Alert
            className={styles.notice ?? ''}
            type="success"
            showIcon
            role="status"
            title={t('session:setPassword.done')}
          />
          <Link to="/">{t('session:submit')}</Link>
        </>
      ) : (
        <Form<PasswordByCode> layout="vertical" size="large" requiredMark={false} onFinish={(body) => set.mutate(body)}>
          <Form.Item
            name="name"
            label={t('session:name')}
            rules={[{ required: true, message: t('session:nameMissing') }]}
          >
            <Input autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} autoFocus />
          </Form.Item>
          <Form.Item
            name="code"
            label={t('session:setPassword.code')}
            normalize={(typed: string) => typed.trim().toLowerCase()}
            rules={[{ required: true, pattern: CODE, message: t('session:setPassword.codeMissing') }]}
          >
            <Input autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} maxLength={24} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('session:setPassword.password')}
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
          <Button type="primary" htmlType="submit" block loading={set.isPending}>
            {t('session:setPassword.submit')}
          </Button>
        </Form>
      )}
    </Entrance>
  );
}
