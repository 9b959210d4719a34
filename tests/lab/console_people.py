"""Who and what the organisation of `console_fleet.py` is: invented people, and the apps and servers that people have."""

TEAMS = ["Platform", "Payments", "Data science", "Mobile", "Support", "Security"]

_NAMES = {
    "Platform": ["Ines Moreau", "Ivo Lindqvist", "Priya Raman", "Jonas Keller", "Wei Zhang", "Sofia Ricci", "Owen Blake", "Amara Obi"],
    "Payments": ["Hana Sato", "Luca Ferri", "Noor Haddad", "Elena Petrova", "Marcus Webb", "Yuki Mori", "Carla Nunes"],
    "Data science": ["Ravi Menon", "Greta Holm", "Diego Santos", "Leila Karimi", "Femi Adeyemi", "Anna Nowak"],
    "Mobile": ["Theo Martin", "Zara Khan", "Mikkel Dahl", "Rosa Jimenez", "Kofi Mensah", "Lena Fischer"],
    "Support": ["Maya Cohen", "Peter Novak", "Aisha Bello", "Tim Becker", "Julia Costa"],
    "Security": ["Mara Voss", "Samir Aziz", "Nina Berg", "Hugo Laurent"],
}
PEOPLE = {name: team for team, names in _NAMES.items() for name in names}

# System, its version, architecture, and what such machines are called.
MACHINES = [
    ("macos", "macOS 26.1", "aarch64", "mbp"), ("linux", "Ubuntu 24.04.3 LTS", "x86_64", "x1"), ("macos", "macOS 15.6", "aarch64", "mba"),
    ("windows", "Windows 11 24H2", "x86_64", "surface"), ("linux", "Fedora Linux 43", "x86_64", "t14"), ("macos", "macOS 26.1", "aarch64", "studio"),
    ("linux", "Debian GNU/Linux 12", "x86_64", "dev"),
]

# Id, name, maker, kind, source, versions, and on which share of the machines.
APPS = [
    ("claude-code", "Claude Code", "Anthropic", "cli", "npm", ["2.1.14", "2.1.14", "2.1.9", "2.0.77"], 0.85),
    ("cursor", "Cursor", "Anysphere", "editor", "vendor", ["2.4.1", "2.3.9"], 0.55),
    ("codex", "Codex", "OpenAI", "cli", "npm", ["0.92.0", "0.91.2"], 0.4),
    ("vscode", "Visual Studio Code", "Microsoft", "editor", "bundle", ["1.109.2", "1.108.0"], 0.7),
    ("github-copilot", "GitHub Copilot", "GitHub", "editor_extension", "extension", ["1.402.0"], 0.5),
    ("claude-desktop", "Claude", "Anthropic", "desktop", "bundle", ["1.1.381", "1.0.920"], 0.45),
    ("chatgpt-desktop", "ChatGPT", "OpenAI", "desktop", "bundle", ["1.2026.287"], 0.35),
    ("ollama", "Ollama", "Ollama", "local_model", "vendor", ["0.14.1"], 0.2),
    ("lm-studio", "LM Studio", "Element Labs", "desktop", "app_image", ["0.4.2"], 0.18),
    ("harpa", "HARPA AI", "HARPA AI", "browser_extension", "extension", ["10.3.0"], 0.22),
    ("gemini-cli", "Gemini CLI", "Google", "cli", "npm", ["0.26.0"], 0.15),
    ("windsurf", "Windsurf", "Windsurf", "editor", "vendor", ["1.13.8"], 0.12),
    ("opencode", "OpenCode", "SST", "cli", "npm", ["1.1.30"], 0.1),
    ("grammarly", "Grammarly", "Grammarly", "browser_extension", "extension", ["14.1275.0"], 0.3),
    ("zed", "Zed", "Zed Industries", "editor", "vendor", ["0.220.3"], 0.1),
]

# Identity, what people call it, version, what it is given, its tools, and on which share of the machines.
SERVERS = [
    ("npm:@modelcontextprotocol/server-github", "github", "2026.8.4", ["GITHUB_PERSONAL_ACCESS_TOKEN"],
     [("create_issue", "Opens an issue in a repository."), ("create_pull_request", "Opens a pull request from a branch."),
      ("search_code", "Searches code in all repositories that the token can read."), ("get_file_contents", "Reads a file or a folder."),
      ("merge_pull_request", "Merges a pull request.")], 0.6),
    ("npm:@playwright/mcp", "playwright", "0.0.58", [],
     [("browser_navigate", "Goes to a page."), ("browser_click", "Clicks on an element."), ("browser_snapshot", "Tells what the page shows.")], 0.45),
    ("npm:@modelcontextprotocol/server-filesystem", "files", "2026.8.31", [],
     [("read_file", "Reads a file."), ("write_file", "Writes a file, over what was there."), ("move_file", "Moves a file."), ("list_directory", "Lists a folder.")], 0.4),
    ("url:https://mcp.linear.app/sse", "linear", None, ["Authorization"], [("create_issue", "Creates an issue."), ("list_issues", "Lists issues.")], 0.42),
    ("url:https://mcp.sentry.dev/mcp", "sentry", None, [], [("search_issues", "Finds errors by text."), ("get_issue_details", "Tells about one error.")], 0.3),
    ("url:https://mcp.notion.com/mcp", "notion", None, [], [("search", "Searches pages."), ("update_page", "Changes a page.")], 0.25),
    ("pypi:mcp-server-git", "git", "2026.7.1", [], [("git_commit", "Commits what is staged."), ("git_diff", "Shows changes.")], 0.25),
    ("pypi:mcp-server-sqlite", "sqlite", "2025.4.25", [], [("read_query", "Runs a SELECT."), ("write_query", "Runs any other statement.")], 0.28),
    ("npm:mcp-shell-server", "shell", "1.0.3", [], [("shell_execute", "Runs a command in a shell.")], 0.4),
    ("pypi:mcp-atlassian", "jira", "0.21.0", ["JIRA_API_TOKEN", "JIRA_URL"], [], 0.22),
    ("oci:ghcr.io/github/github-mcp-server", "github-docker", None, ["GITHUB_PERSONAL_ACCESS_TOKEN"], [], 0.15),
    ("npm:@upstash/context7-mcp", "context7", "2.1.0", [], [("resolve-library-id", "Finds a library."), ("query-docs", "Reads its documentation.")], 0.35),
    ("npm:figma-developer-mcp", "figma", "0.6.4", ["FIGMA_API_KEY"], [], 0.16),
    ("pypi:mcp-server-postgres", "warehouse", "0.9.0", ["DATABASE_URL"], [("query", "Runs a query that only reads.")], 0.2),
    ("npm:@supabase/mcp-server-supabase", "supabase", "0.6.1", ["SUPABASE_ACCESS_TOKEN"], [], 0.1),
    ("npm:@stripe/mcp", "stripe", "0.3.1", ["STRIPE_SECRET_KEY"], [("create_refund", "Refunds a charge."), ("list_charges", "Lists charges.")], 0.12),
    ("pypi:mcp-server-kubernetes", "k8s-prod", "3.2.0", ["KUBECONFIG"], [("kubectl_apply", "Applies a manifest."), ("kubectl_get", "Lists resources.")], 0.12),
    ("url:https://mcp.internal.example.com/billing", "billing", None, ["X-Team"], [], 0.1),
]

# Name, team, and more of it.
KEYS = [
    ("support-bot", "Support", {"allow": {"providers": ["anthropic"], "models": ["claude-haiku-*", "claude-sonnet-*"], "routes": []}}),
    ("checkout-api", "Payments", {}),
    ("fraud-scoring", "Payments", {"allow": {"providers": ["openai"], "models": ["gpt-5*"], "routes": []}}),
    ("nightly-evals", "Data science", {}),
    ("search-ranking", "Platform", {}),
    ("incident-summaries", "Platform", {"log_content": True}),
    ("release-notes", "Mobile", {}),
    ("translation", "Mobile", {"expires_at": "2027-03-31T00:00:00Z"}),
    ("phishing-triage", "Security", {"log_content": True}),
]

# Who asks, for what, and why.
WISHES = [
    ("Luca Ferri", {"kind": "mcp_server", "identity": "npm:mcp-shell-server"}, "I need to run the reconciliation scripts while Claude reads their output. Happy with a narrower server if there is one."),
    ("Greta Holm", {"kind": "app", "app": "lm-studio"}, "Comparing quantised models offline for the Q4 report."),
    ("Theo Martin", {"kind": "support", "name": "Raycast AI"}, "Half of the team uses it for quick lookups."),
    ("Leila Karimi", {"kind": "mcp_server", "identity": "pypi:mcp-server-sqlite"}, "The demo notebooks of the onboarding course rely on it."),
    ("Maya Cohen", {"kind": "app", "app": "harpa"}, "Summaries of long tickets."),
    ("Kofi Mensah", {"kind": "mcp_server", "identity": "npm:mcp-shell-server"}, "Building the iOS app from the agent."),
    ("Tim Becker", {"kind": "app", "app": "grammarly"}, "Answers to customers in French and German."),
]
