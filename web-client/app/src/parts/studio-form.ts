import { html, nothing, type TemplateResult } from "lit";
import type { DeviceList } from "./capture.js";
import type { StudioSettings } from "./studio-settings.js";

/** What the form shows, and where its changes go. */
export interface StudioForm {
  readonly settings: StudioSettings;
  readonly devices: DeviceList;
  /** Names of the codecs that this browser can send. */
  readonly codecs: readonly string[];
  readonly onAir: boolean;
  readonly choose: (change: Partial<StudioSettings>) => void;
}

/** What is sent: the source, and its devices. */
export function sourceFields(form: StudioForm): TemplateResult {
  const { source, cameraId, microphoneId } = form.settings;
  return html`${select(form, "source", "Source", source, [
    ["camera", "Camera and microphone"],
    ["screen", "Screen or window"],
    ["pattern", "Test pattern"],
  ])}
  ${
    source === "camera"
      ? html`<div class="pair">
          ${select(form, "cameraId", "Camera", cameraId, [
            ["", "Default camera"],
            ...named(form.devices.cameras, "Camera"),
          ])}
          ${select(form, "microphoneId", "Microphone", microphoneId, [
            ["", "Default microphone"],
            ...named(form.devices.microphones, "Microphone"),
            ["none", "No microphone"],
          ])}
        </div>`
      : nothing
  }`;
}

/** How it is sent: size, rate, bits, codec. */
export function pictureFields(form: StudioForm): TemplateResult {
  const { height, framesPerSecond, bitrateKbps, codec, simulcast } = form.settings;
  const known = (["VP8", "H264", "VP9", "AV1"] as const).filter((it) => form.codecs.includes(it));
  return html`<div class="pair">
      ${select(form, "height", "Picture", String(height), [
        ["360", "640 × 360"],
        ["720", "1280 × 720"],
        ["1080", "1920 × 1080"],
      ])}
      ${select(form, "framesPerSecond", "Frames a second", String(framesPerSecond), [
        ["15", "15"],
        ["30", "30"],
        ["60", "60"],
      ])}
    </div>
    <div class="field">
      <div class="row apart">
        <label for="bitrate">Bitrate</label>
        <span class="soft small" aria-hidden="true">${bitrateKbps} kbit/s</span>
      </div>
      <input
        id="bitrate"
        type="range"
        min="300"
        max="8000"
        step="100"
        data-testid="bitrate-range"
        aria-valuetext="${bitrateKbps} kilobits a second"
        .value=${String(bitrateKbps)}
        @input=${(event: Event) => form.choose({ bitrateKbps: Number(valueIn(event)) })}
      />
    </div>
    ${select(
      form,
      "codec",
      "Codec",
      codec,
      [
        ["", "Automatic"],
        ...known.map((it): [string, string] => [it, it === "H264" ? "H.264" : it]),
      ],
      form.onAir,
    )}
    <label class="check">
      <input
        type="checkbox"
        data-testid="simulcast"
        .checked=${simulcast}
        ?disabled=${form.onAir}
        @change=${(event: Event) =>
          form.choose({ simulcast: (event.target as HTMLInputElement).checked })}
      />
      <span>Several sizes at once (simulcast)</span>
    </label>`;
}

function select(
  form: StudioForm,
  key: keyof StudioSettings,
  label: string,
  value: string,
  options: [string, string][],
  disabled = false,
): TemplateResult {
  const id = `${key}-select`;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select
      id=${id}
      data-testid=${id}
      ?disabled=${disabled}
      @change=${(event: Event) => form.choose({ [key]: valueIn(event) })}
    >
      ${options.map(
        ([option, text]) =>
          html`<option value=${option} ?selected=${option === value}>${text}</option>`,
      )}
    </select>
  </div>`;
}

const valueIn = (event: Event): string =>
  (event.target as HTMLInputElement | HTMLSelectElement).value;

const named = (devices: MediaDeviceInfo[], kind: string): [string, string][] =>
  devices.map((device, i) => [device.deviceId, device.label || `${kind} ${i + 1}`]);
