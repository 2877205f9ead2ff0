import { X509Certificate } from 'node:crypto';

/** PEM with its line breaks: a variable of one line often has `\n` in their place. */
export function unfoldPem(text: string): string {
  return text.includes('\n') ? text : text.replaceAll('\\n', '\n');
}

/** Whether a text is PEM or a JWK itself, rather than where one is found. */
export function isKeyText(text: string): boolean {
  return /^\s*(\{|-----BEGIN )/.test(text);
}

/** The certificates of a PEM text, in their order: none when there is none, undefined when one cannot be read. */
export function readCertificates(text: string): readonly X509Certificate[] | undefined {
  const blocks = unfoldPem(text).match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}
