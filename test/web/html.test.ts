import { describe, expect, it } from 'vitest';
import { html } from '../../src/web/html.ts';

describe('html', () => {
  it('escapes what stands in a hole, for text and for quoted attributes', () => {
    const hostile = `<script>alert("1" & '2')</script>`;
    const escaped = '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;';
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  it('takes its own HTML as it is, joins lists and leaves out what is undefined', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${undefined}${3}</ul>${[]}`.text).toBe('<ul><li>a</li><li>&lt;b&gt;</li>3</ul>');
  });
});
