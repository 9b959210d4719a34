#!/usr/bin/env bash
# Builds the gateway and runs it from ./.tidegate/, ready to be called (`make run`).
#
# The first start makes the configuration, an admin and a virtual key; later ones use them again.
# With OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY set it calls those providers, else the
# bundled stand-in. Ctrl-C stops everything. TIDEGATE_HOME names another folder than ./.tidegate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
home=${TIDEGATE_HOME:-.tidegate}
data=127.0.0.1:8080
control=127.0.0.1:8081
standin=127.0.0.1:8082
target=${CARGO_TARGET_DIR:-target}/trial

fail() { printf 'run: %s\n' "$*" >&2; exit 1; }
listens() { (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null; }

# What is needed, and the binaries.
scripts/setup.sh build
scripts/console.sh build || echo "run: without the console, which could not be built" >&2
# Optimised, but without the long link of a release: the first call should not wait for that.
cargo build --profile trial -p tidegate -p tidegate-loadtest

mkdir -p "$home"
chmod 700 "$home"
umask 077

# The configuration. It follows the environment until somebody edits it: then it is theirs.
providers=()
[[ -n ${OPENAI_API_KEY:-} ]] && providers+=(openai)
[[ -n ${ANTHROPIC_API_KEY:-} ]] && providers+=(anthropic)
[[ -n ${GEMINI_API_KEY:-} ]] && providers+=(gemini)

provider() { printf '\n[[providers]]\nname = "%s"\ndialect = "%s"\nbase_url = "%s"\napi_key = "%s"\n' "$@"; }

configuration() {
    echo '# Made by `make run`, and made anew whenever the set of provider keys in the environment'
    echo '# changes. Once you edit it, it stays as you leave it.'
    printf '[listen]\ndata = "%s"\ncontrol = "%s"\n' "$data" "$control"
    printf '\n[store]\nurl = "sqlite:tidegate.db"\n'
    if (( ${#providers[@]} == 0 )); then
        for name in openai anthropic gemini; do
            provider "$name" "$name" "http://$standin" file:standin-key
        done
        return
    fi
    for name in "${providers[@]}"; do
        case $name in
            openai) provider openai openai https://api.openai.com env:OPENAI_API_KEY ;;
            anthropic) provider anthropic anthropic https://api.anthropic.com env:ANTHROPIC_API_KEY ;;
            gemini) provider gemini gemini https://generativelanguage.googleapis.com env:GEMINI_API_KEY ;;
        esac
    done
}

config=$home/config.toml
sum() { sha256sum < "$config"; }
edited=no
if [[ ! -f $config ]] || [[ $(sum) == "$(cat "$home/config.sum" 2>/dev/null)" ]]; then
    configuration > "$config"
    sum > "$home/config.sum"
else
    edited=yes
fi
[[ -f $home/standin-key ]] || printf 'sk-standin-%s\n' "$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')" > "$home/standin-key"

setting() { sed -n "s/^ *$1 *= *\"\(.*\)\".*/\1/p" "$config" | head -n 1; }
data=$(setting data)
control=$(setting control)
uses_standin=no
grep -q "^base_url = \"http://$standin\"" "$config" && uses_standin=yes

for address in "$data" "$control"; do
    listens "$address" && fail "something listens on $address already; stop it, or change [listen] in $config"
done

# Whatever happens from here on, both processes end with this script.
pids=()
stop() {
    trap - EXIT INT TERM
    if (( ${#pids[@]} )); then kill -TERM "${pids[@]}" 2>/dev/null || true; fi
    wait
    exit "${1:-0}"
}
trap 'stop $?' EXIT
trap 'echo; echo "stopping"; stop 0' INT TERM

if [[ $uses_standin == yes ]]; then
    listens "$standin" && fail "something listens on $standin already, where the stand-in provider belongs"
    "$target/tidegate-standin" --listen "$standin" > "$home/standin.log" 2>&1 &
    pids+=($!)
fi

# The first admin and the first key. Without the database, what was remembered of it is void.
[[ -f $home/tidegate.db ]] || rm -f "$home/first-key" "$home/admin"
tidegate() { "$target/tidegate" "$@" --config "$config"; }
password=
if [[ ! -s $home/admin ]]; then
    password=$(tidegate admin create --email admin@localhost | tail -n 1)
    echo admin@localhost > "$home/admin"
fi
if [[ ! -s $home/first-key ]]; then
    tidegate key create --name first --team default | tail -n 1 > "$home/first-key.new"
    mv "$home/first-key.new" "$home/first-key"
fi
key=$(<"$home/first-key")

"$target/tidegate" serve --config "$config" > "$home/gateway.log" 2>&1 &
gateway=$!
pids+=("$gateway")
for _ in $(seq 300); do
    kill -0 "$gateway" 2>/dev/null || { tail -n 20 "$home/gateway.log" >&2; fail "the gateway did not start"; }
    curl -fsS -o /dev/null "http://$control/readyz" 2>/dev/null && break
    sleep 0.1
done
curl -fsS -o /dev/null "http://$control/readyz" || fail "the gateway is not ready; see $home/gateway.log"

# What to print: a call of the first provider there is, in its dialect.
first=openai
grep -q '^name = "openai"' "$config" || first=$(setting name)
ask='Say hello in five words.'
case $first in
    anthropic)
        path=/anthropic/v1/messages
        body="{\"model\":\"claude-haiku-4-5\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"$ask\"}]}"
        ;;
    gemini)
        path=/genai/v1beta/models/gemini-2.5-flash:generateContent
        body="{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"$ask\"}]}]}"
        ;;
    *)
        path=/openai/v1/chat/completions
        body="{\"model\":\"gpt-4.1-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"$ask\"}]}"
        ;;
esac

# A Python that can run the line as printed: one with the SDK, or the plain one without it.
python=python3
if [[ $first == openai ]]; then
    if ! python3 -c 'import openai' 2>/dev/null; then
        if scripts/setup.sh sdk 2> "$home/setup.log"; then python=target/clients/venv/bin/python; else python=; fi
    fi
fi
if [[ $first == openai && -n $python ]]; then
    line="from openai import OpenAI; print(OpenAI(base_url=\"http://$data/openai/v1\", api_key=\"$key\").chat.completions.create(model=\"gpt-4.1-mini\", messages=[{\"role\": \"user\", \"content\": \"$ask\"}]).choices[0].message.content)"
else
    python=python3
    line="import urllib.request as u; print(u.urlopen(u.Request(\"http://$data$path\", b\"\"\"$body\"\"\", {\"content-type\": \"application/json\", \"authorization\": \"Bearer $key\"})).read().decode())"
fi

echo
echo "Tidegate is running; Ctrl-C stops it. Its files are in $home/"
echo
echo "  data plane     http://$data     base URLs /openai/v1, /anthropic, /genai; unified /v1"
echo "  console        http://$control     sign in as the admin below"
echo "  control plane  http://$control     admin API under /api/v1, /metrics, /readyz"
if [[ $uses_standin == yes ]]; then
    echo "  provider       the bundled stand-in on $standin: no key of a real provider is set"
    echo "                 (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY)"
elif [[ $edited == yes ]]; then
    echo "  provider       as $config says, which was edited by hand"
else
    echo "  provider       ${providers[*]}, with the keys of the environment"
fi
if [[ -n $password ]]; then
    echo "  admin          admin@localhost, one-time password: $password"
else
    echo "  admin          $(<"$home/admin"), whose password was printed at the first start"
fi
echo "  first key      $key"
echo
echo "Try it:"
echo
echo "  curl -s http://$data$path -H 'authorization: Bearer $key' -H 'content-type: application/json' -d '$body'"
echo
echo "  $python -c '$line'"
echo

wait -n "${pids[@]}" || true
echo "run: a process ended; see $home/gateway.log" >&2
exit 1
