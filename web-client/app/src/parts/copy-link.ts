import { html, LitElement, type TemplateResult } from "lit";

/** `<copy-link>`: a link in a field, with a button that copies it. */
class CopyLink extends LitElement {
  static override properties = {
    href: {},
    label: {},
    testid: {},
    said: { state: true },
  };

  declare href: string;
  declare label: string;
  declare testid: string;
  private declare said: string;

  constructor() {
    super();
    this.href = this.label = this.testid = this.said = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="field">
        <label for=${this.testid}>${this.label}</label>
        <div class="share">
          <input
            id=${this.testid}
            data-testid=${this.testid}
            readonly
            .value=${this.href}
            @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
          />
          <button type="button" data-testid="${this.testid}-copy" @click=${this.#copy}>
            ${this.said || "Copy link"}
          </button>
        </div>
        <span class="quiet" role="status">${this.said}</span>
      </div>
    `;
  }

  async #copy(): Promise<void> {
    const input = this.querySelector("input");
    try {
      await navigator.clipboard.writeText(this.href);
      this.said = "Copied";
    } catch {
      // Without HTTPS there is no clipboard: the selected text can be copied by hand.
      input?.select();
      this.said = "Press Ctrl C";
    }
    setTimeout(() => {
      this.said = "";
    }, 2_500);
  }
}

customElements.define("copy-link", CopyLink);
