"""The muara.yaml that `muara init` writes."""

TEMPLATE = """\
# Muara's configuration. Secrets stand in the environment; this file names the variables.
# After a change: muara check, then restart.

agency: "AGENCY"            # the agency (OPD) that runs this; part of identities, so it never changes
zone: Asia/Jakarta          # Asia/Makassar, Asia/Jayapura
# home_region: "36.73"      # Kemendagri code of the city or regency: finds place names better

connectors:
  webhook: {}
  #  public_url: https://muara.kota.example   # as providers reach it; some sign it
  # smtp: {host: 0.0.0.0, port: 2525}         # a mail server of Muara's own, for channel `email`

# Where complaints come from. `muara channels list` shows the channels, `muara channels show NAME` what each needs.
sources: {}
#  wa-kota:
#    channel: whatsapp_cloud
#    secrets: {app_secret: WA_APP_SECRET, verify_token: WA_VERIFY_TOKEN}
#  surel:
#    channel: email
#    settings: {address: lapor@kota.example}
#  aduan:
#    channel: imap_mailbox                     # a mailbox that the agency has already
#    secrets: {password: ADUAN_PASSWORD}
#    settings: {host: mail.kota.example, user: pengaduan@kota.example}
#  kecamatan:
#    channel: kecamatan_csv
#    settings: {folder: masuk/kecamatan}

# Where they go. Nothing is sent before you say so: shadow prepares, approve waits for you, send sends.
hubs: {}
#  sp4n:
#    profile: sandbox
#    url: http://127.0.0.1:8500
#    secrets: {token: SP4N_TOKEN}
#    mode: shadow

http: {host: 127.0.0.1, port: 8400}
"""
