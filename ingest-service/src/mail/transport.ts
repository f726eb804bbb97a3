// The connection to the SMTP server, with a limit to every wait.
import { createTransport, type Transporter } from 'nodemailer'

const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 }

/** `url` such as smtp://user:password@mail.example.com:587 (STARTTLS where offered), or smtps:// for TLS from the start. */
export const openTransport = (url: string): Transporter => createTransport({ url, ...timeouts })
