// Generated from docs/openapi/admin.json by `npm run api`. Do not edit.

export interface paths {
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists accounts, oldest first. */
        get: operations["list_accounts"];
        put?: never;
        /** Creates an account. The answer holds a one-time password, which is never shown again. */
        post: operations["create_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes an account's name or role. */
        patch: operations["change_account"];
        trace?: never;
    };
    "/api/v1/accounts/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Disables an account and ends its sessions. */
        post: operations["disable_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enables a disabled account. */
        post: operations["enable_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows who an account is at identity providers. */
        get: operations["list_account_identities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Says whether an identity provider may speak for an account. */
        patch: operations["link_account"];
        trace?: never;
    };
    "/api/v1/accounts/{id}/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives an account a one-time password. Ends its sessions; the old password is refused. */
        post: operations["reset_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}/reset-totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Removes the second factor of somebody who lost it, and ends their sessions. */
        post: operations["reset_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends all sessions of an account: the caller's own, or for the role `admin` anybody's. */
        post: operations["sign_out_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/current/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Changes the signed-in account's password. Ends all its sessions and opens a new one, as a cookie
         *     where the call came with one.
         */
        put: operations["change_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/current/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Confirms the second factor by a first code: from now on it is asked for at each sign-in. */
        put: operations["confirm_totp"];
        /**
         * Begins to set up a second factor, for who knows the account's password: a session that was left open must
         *     not be enough to lock its owner out. It is in force once a code confirms it.
         */
        post: operations["begin_totp"];
        /** Removes the second factor of the signed-in account. */
        delete: operations["remove_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists audited actions, newest first. With `accept: text/csv` all that the filters let through, 100,000
         *     at most, as a table.
         * @description A page may hold fewer entries than asked for, or none, and still have a `next_cursor`: a search looks at
         *     20,000 entries at a time. Read on to search further back.
         */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Checks the seal of every entry. */
        get: operations["verify_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists budgets with what is left of each, oldest first. */
        get: operations["list_budgets"];
        put?: never;
        /** Creates a budget. */
        post: operations["create_budget"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budgets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a budget with what is left of it. */
        get: operations["get_budget"];
        put?: never;
        post?: never;
        /** Deletes a budget and what it counted. */
        delete: operations["delete_budget"];
        options?: never;
        head?: never;
        /** Changes a budget's cap. */
        patch: operations["change_budget"];
        trace?: never;
    };
    "/api/v1/budgets/what-if": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows how often a budget's cap would have been reached. Calls count for the team that they are logged
         *     under.
         */
        get: operations["try_budget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cache": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows how many answers are kept, and what they saved. */
        get: operations["get_cache"];
        put?: never;
        post?: never;
        /** Lets kept answers go, on the node that answers. */
        delete: operations["purge_cache"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/device-groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists groups of devices, oldest first. */
        get: operations["list_device_groups"];
        put?: never;
        /** Creates a group of devices, with none in it. */
        post: operations["create_device_group"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/device-groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a group of devices. */
        get: operations["get_device_group"];
        put?: never;
        post?: never;
        /** Deletes a group of devices. Its devices are in none then. */
        delete: operations["delete_device_group"];
        options?: never;
        head?: never;
        /** Renames a group of devices. What names it names it by its id, and stays. */
        patch: operations["rename_device_group"];
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists devices, those first seen first when nothing else is said. With `accept: text/csv` all that the filters let through, as a table. */
        get: operations["list_devices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a device. */
        get: operations["get_device"];
        put?: never;
        post?: never;
        /**
         * Removes a device: its key is revoked for good, what was on it is forgotten, and when it next asks it
         *     is told to undo what it did. Its calls stay in the log.
         */
        delete: operations["delete_device"];
        options?: never;
        head?: never;
        /** Changes a device. */
        patch: operations["change_device"];
        trace?: never;
    };
    "/api/v1/devices/{id}/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the apps that a device has seen in its traffic, by id. */
        get: operations["list_device_apps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/clear-quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Clears a device's quarantine, and lets it count its check-ins anew: a machine that was restored from a
         *     backup comes back. Its machine stays the one that was enrolled.
         */
        post: operations["clear_device_quarantine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/effects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what came of decisions on a device, as it last reported. */
        get: operations["get_device_effects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/inventory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what is on a device: apps, MCP servers, and where it looked. */
        get: operations["get_device_inventory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/scan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks a device to look at everything anew. One that waits learns of it at once, others at their next
         *     check-in.
         */
        post: operations["scan_device"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Counts devices by what a list can be filtered by. It takes the parameters of the list; `sort`, `order`,
         *     `cursor` and `limit` say nothing here.
         */
        get: operations["count_devices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Moves devices into a group, or out of any: all of them or none. Their next calls are judged by it. */
        post: operations["move_devices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/scan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks many devices, or all, to look at everything anew. */
        post: operations["scan_devices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/access-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what people at devices ask for, newest first. */
        get: operations["list_access_requests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/access-requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what somebody at a device asks for. */
        get: operations["get_access_request"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/access-requests/{id}/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Declines a request. */
        post: operations["decline_access_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/access-requests/{id}/grant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Grants a request, and approves what was asked for where that is wanted. */
        post: operations["grant_access_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/app-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists decisions about apps, those for the fleet first, by app. */
        get: operations["list_app_rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists apps: those known, seen, installed or decided about. With `accept: text/csv` all that the filters
         *     let through, as a table.
         */
        get: operations["list_edge_apps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/apps/{app}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets what is decided about an app. Devices that wait learn of it at once. */
        put: operations["decide_edge_app"];
        post?: never;
        /** Takes a decision about an app back: the next wider one holds, or the settings do. */
        delete: operations["delete_app_decision"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/authority": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the organisation's certificate authority. */
        get: operations["get_authority"];
        /**
         * Replaces the certificate authority by one of the organisation's own. Machines have to trust it
         *     before their certificates are renewed.
         */
        put: operations["replace_authority"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/authority/certificate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Downloads the authority's certificate, as machines install it. */
        get: operations["download_authority"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decides about many apps and MCP servers at once: about all of them, or nothing is changed. Devices that
         *     wait learn of it at once.
         */
        post: operations["decide_many"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the rules in force, by host: the build's and the operator's own. */
        get: operations["list_edge_hosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/hosts/{host}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets the rule for a host. Devices that wait learn of it at once. */
        put: operations["set_edge_host"];
        post?: never;
        /** Removes the operator's own rule for a host: what the build knows is in force again. */
        delete: operations["delete_edge_host"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/mcp-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists decisions about MCP servers, by identity. */
        get: operations["list_mcp_rules"];
        /**
         * Sets what is decided about an MCP server, in place of what was decided about the same for the same
         *     audience. Devices that wait learn of it at once.
         */
        put: operations["decide_mcp_server"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/mcp-rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a decision about an MCP server back: the next wider one holds, or the settings do. */
        delete: operations["delete_mcp_rule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/mcp-servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists MCP servers by identity: those on devices, those that were, and those decided about. With
         *     `accept: text/csv` all that the filters let through, as a table.
         */
        get: operations["list_mcp_servers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/mcp-servers/{identity}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an MCP server: in which ways it is started, on which devices, and what came of decisions. */
        get: operations["get_mcp_server"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the settings of the policy. */
        get: operations["get_edge_settings"];
        /** Replaces the settings of the policy. Devices that wait learn of it at once. */
        put: operations["set_edge_settings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enrolment-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists enrolment tokens, oldest first, used and revoked ones too. */
        get: operations["list_enrolment_tokens"];
        put?: never;
        /** Creates an enrolment token. The answer holds its secret, which is never shown again. */
        post: operations["create_enrolment_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enrolment-tokens/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes an enrolment token for good. Devices that it enrolled stay. */
        post: operations["revoke_enrolment_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells which topics changed, as server-sent events, until the session ends.
         * @description `event: ready` comes first, after each connecting: fetch everything that is shown. Then
         *     `event: changed` with `{"topics": […]}`, twice a second at most: fetch what is shown of these topics.
         *     Topics are `access_requests`, `accounts`, `audit`, `budgets`, `device_groups`, `devices`, `effects`,
         *     `enrolment_tokens`, `groups`, `guardrails`, `identity_providers`, `inventory`, `keys`, `limits`, `policy`, `prices`,
         *     `requests`, `sessions`, `settings`, `teams`, `tokens`, `users`; there may be more. A comment comes every
         *     15 seconds.
         */
        get: operations["listen"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the groups that identity providers sent, oldest first. */
        get: operations["list_groups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/team": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Maps a group to a team: its members belong to the team from now on.
         * @description Who is in several such groups belongs to the team of the first by name. Who leaves the last of them
         *     belongs to no team. Users who are disabled stay in the team that they are in.
         */
        put: operations["map_group"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/guardrails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists all guardrails, in their order. */
        get: operations["list_guardrails"];
        put?: never;
        /** Creates a guardrail. It is in force on every replica within a second. */
        post: operations["create_guardrail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/guardrails/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a guardrail. */
        get: operations["get_guardrail"];
        put?: never;
        post?: never;
        /** Deletes a guardrail. What it did stays in the log. */
        delete: operations["delete_guardrail"];
        options?: never;
        head?: never;
        /** Changes a guardrail. */
        patch: operations["change_guardrail"];
        trace?: never;
    };
    "/api/v1/guardrails/detectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the rules that guardrails can name: ours, and those of the operator's files. */
        get: operations["list_detectors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/guardrails/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the calls on which guardrails did something, newest first. What they found is not kept. */
        get: operations["list_findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/guardrails/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries a guardrail on a text. Nothing is stored, and no service of others is asked. */
        post: operations["test_guardrail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/identity-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists identity providers, oldest first. There are at most 50. */
        get: operations["list_identity_providers"];
        put?: never;
        /** Makes an identity provider. Nothing is asked of it: test it afterwards. */
        post: operations["create_identity_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/identity-providers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an identity provider. */
        get: operations["get_identity_provider"];
        put?: never;
        post?: never;
        /**
         * Removes an identity provider and ends the sessions that it opened. Accounts stay: those without a
         *     password sign in again once another provider is linked to them.
         */
        delete: operations["delete_identity_provider"];
        options?: never;
        head?: never;
        /** Changes an identity provider. */
        patch: operations["change_identity_provider"];
        trace?: never;
    };
    "/api/v1/identity-providers/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks an identity provider for its description and its keys, and says what it found. */
        post: operations["test_identity_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows this node. */
        get: operations["get_info"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists keys, oldest first. */
        get: operations["list_keys"];
        put?: never;
        /** Creates a key. The answer holds its secret, which is never shown again. */
        post: operations["create_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a key, revoked or not. */
        get: operations["get_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a key. */
        patch: operations["change_key"];
        trace?: never;
    };
    "/api/v1/keys/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Disables a key: it is refused until it is enabled again. */
        post: operations["disable_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enables a disabled key. */
        post: operations["enable_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes a key for good. Revoking it again changes nothing. */
        post: operations["revoke_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a key a new secret. The answer holds it, and it is never shown again. */
        post: operations["rotate_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists limits, oldest first. */
        get: operations["list_limits"];
        put?: never;
        /** Creates a limit. */
        post: operations["create_limit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/limits/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a limit. */
        get: operations["get_limit"];
        put?: never;
        post?: never;
        /** Deletes a limit. */
        delete: operations["delete_limit"];
        options?: never;
        head?: never;
        /** Changes a limit's rates. */
        patch: operations["change_limit"];
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows this document. */
        get: operations["get_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what there is, what waits for a decision, and what happened. */
        get: operations["get_overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the prices in force on this node, overrides included. */
        get: operations["list_prices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prices/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the operator's own rows, by name. */
        get: operations["list_price_overrides"];
        /**
         * Sets a price override.
         * @description The row itself says what it is for: one of the same family, provider and model is replaced.
         */
        put: operations["set_price_override"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prices/overrides/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes an override: the price that comes with the build is in force again. */
        delete: operations["delete_price_override"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists all providers, in the order of the config. */
        get: operations["list_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a provider. */
        get: operations["get_provider"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists logged calls, newest first. With `accept: text/csv` the newest 10,000 that the filters let through,
         *     as a table.
         * @description A page may hold fewer calls than asked for, or none, and still have a `next_cursor`: a search looks at
         *     40,000 calls at a time. Read on to search further back.
         */
        get: operations["list_requests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a logged call, with prompt and answer where they were kept. */
        get: operations["get_request"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scim-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists tokens for SCIM, oldest first, revoked ones too. */
        get: operations["list_scim_tokens"];
        put?: never;
        /**
         * Creates a token for SCIM. The answer holds its secret, which is never shown again.
         * @description Whoever has it can create, change and disable users and groups at `/scim/v2`, and nothing else.
         */
        post: operations["create_scim_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scim-tokens/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes a token for SCIM for good. Revoking it again changes nothing. */
        post: operations["revoke_scim_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists where people are signed in, oldest first: the caller, or for the role `admin` everybody. */
        get: operations["list_sessions"];
        put?: never;
        /** Signs in. The answer holds a session token for `Authorization: Bearer`, or sets a cookie. */
        post: operations["create_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends a session: its token or cookie is refused from now on. */
        delete: operations["revoke_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows who is signed in. */
        get: operations["get_session"];
        put?: never;
        post?: never;
        /** Signs out: the session's token or cookie is refused from now on. */
        delete: operations["end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says how people may sign in. */
        get: operations["get_sign_in_options"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sends a browser to an identity provider. It comes back to `/api/v1/sign-in/callback`. */
        get: operations["begin_sign_in"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ends a sign-in through an identity provider, where that sends the browser back to. */
        get: operations["finish_sign_in"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists teams, oldest first. */
        get: operations["list_teams"];
        put?: never;
        /** Creates a team. */
        post: operations["create_team"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/teams/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a team. */
        get: operations["get_team"];
        put?: never;
        post?: never;
        /** Deletes a team with its budgets and limits. */
        delete: operations["delete_team"];
        options?: never;
        head?: never;
        /** Changes a team. */
        patch: operations["change_team"];
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists API tokens, oldest first, revoked ones too. */
        get: operations["list_tokens"];
        put?: never;
        /** Creates an API token. The answer holds its secret, which is never shown again. */
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes an API token for good. Revoking it again changes nothing. */
        post: operations["revoke_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows usage and cost over time. */
        get: operations["get_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists users, oldest first. */
        get: operations["list_users"];
        put?: never;
        /** Creates a user. */
        post: operations["create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a user. */
        get: operations["get_user"];
        put?: never;
        post?: never;
        /** Deletes a user with their budgets and limits. */
        delete: operations["delete_user"];
        options?: never;
        head?: never;
        /** Changes a user. */
        patch: operations["change_user"];
        trace?: never;
    };
    "/api/v1/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the signed-in account's saved views, by page and name. */
        get: operations["list_views"];
        put?: never;
        /** Saves a view for the signed-in account; it has 100 at most. */
        post: operations["save_view"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes a view of the signed-in account. */
        delete: operations["delete_view"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers while the process is alive. */
        get: operations["is_alive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows the metrics of this node in the OpenMetrics format.
         * @description Needs a token, unless the listener is on loopback or the operator opened it: labels name
         *     models and spend.
         */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells whether the node can take calls. */
        get: operations["is_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What somebody at a device asks for. */
        AccessRequest: {
            /** @description The answer in words. */
            answer: string | null;
            /**
             * Format: date-time
             * @description When the gateway got it.
             */
            asked_at: string;
            /**
             * Format: date-time
             * @description When.
             */
            decided_at: string | null;
            /** @description Who answered: the id of an account or a token. */
            decided_by: string | null;
            /** @description The name of that account or token. */
            decided_by_name: string | null;
            /** @description The device. */
            device: string;
            /** @description The machine's name. */
            hostname: string;
            /**
             * @description Its id.
             * @example ask_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /** @description The app's id, the server's identity, or what the person calls the app. */
            item: string;
            /**
             * @description What is asked for: the use of an `app` or an `mcp_server`, or `support` for an app that is not
             *     known.
             * @example mcp_server
             */
            kind: string;
            /** @description The OS user who asks. */
            os_user: string;
            /** @description Why, in the person's words. */
            reason: string;
            /** @description What became of it. */
            state: components["schemas"]["RequestState"];
        };
        /** @description An account that can sign in. */
        Account: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description Whether it cannot sign in. */
            disabled: boolean;
            /**
             * @description E-mail address, unique among accounts, lower-case.
             * @example admin@example.com
             */
            email: string;
            /** @description Whether it signs in by a password of its own. Without one it needs an identity provider. */
            has_password: boolean;
            /**
             * @description Its id.
             * @example acc_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /** @description Name for people; may be empty. */
            name: string;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
            /**
             * @description The team it is confined to, for the role `team_admin`.
             * @example team_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            team: string | null;
        };
        /** @description What to change of an account. Absent fields stay as they are. */
        AccountChange: {
            /** @description A new name; may be empty. */
            name?: string;
            /** @description A new role. Another one ends the account's sessions. */
            role?: components["schemas"]["Role"];
            /** @description The team of the role `team_admin`: required with it, and with no other. */
            team?: string | null;
        };
        /** @description Who an account is at identity providers. */
        AccountIdentities: {
            /** @description The next sign-in through these with the account's address becomes the account's. */
            expected: string[];
            /** @description Who it is. */
            known: components["schemas"]["AccountIdentity"][];
        };
        /** @description Who an account is at one identity provider. */
        AccountIdentity: {
            /**
             * Format: date-time
             * @description Since when.
             */
            created_at: string;
            /** @description Their address there, when they last signed in. */
            email: string;
            /**
             * Format: date-time
             * @description When they last signed in through it.
             */
            last_sign_in_at: string;
            /**
             * @description The provider.
             * @example idp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            provider: string;
            /** @description Who they are there, for good. */
            subject: string;
        };
        /** @description Whether a provider may speak for an account. */
        AccountLink: {
            /**
             * @description Yes: the next sign-in through it with the account's address becomes the account's, and what
             *     the account may do follows the groups there from then on. No: it is nobody there any more,
             *     and the sessions that the provider opened end.
             */
            linked: boolean;
            /**
             * @description The provider.
             * @example idp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            provider: string;
        };
        /** @description An account with a password for its first sign-in. */
        AccountWithPassword: {
            /** @description The account. */
            account: components["schemas"]["Account"];
            /**
             * @description To be changed at the first sign-in. It is shown this once and cannot be read again.
             * @example k7fq-2mzd-x9ne-4wtr-bh3p
             */
            one_time_password: string;
        };
        /**
         * @description When windows start: at the calendar's boundaries in UTC, or at the first call.
         * @enum {string}
         */
        Alignment: "calendar" | "first_use";
        /** @description Whether the process is alive. */
        Alive: {
            /**
             * @description Always `alive`.
             * @example alive
             */
            status: string;
        };
        /** @description Allow-lists. An empty list allows everything. */
        AllowLists: {
            /**
             * @description Models by pattern: literal but for `*`. Matched without the provider's prefix.
             * @example [
             *       "gpt-4o*"
             *     ]
             */
            models?: string[];
            /**
             * @description Providers by name.
             * @example [
             *       "openai"
             *     ]
             */
            providers?: string[];
            /**
             * @description Operations by name, as in the request log.
             * @example [
             *       "chat.completions"
             *     ]
             */
            routes?: string[];
        };
        /**
         * @description What the organisation decided about an app. A pending one works, and is seen.
         * @enum {string}
         */
        AppDecision: "approved" | "denied" | "pending";
        /** @description What one guardrail did in one direction of a call. */
        AppliedGuardrail: {
            /**
             * @description What was done: an action, `unscanned` where something was no text and passed unread, `bypassed`
             *     where it could not look and the call went on, or `refused` where the call did not.
             * @example redact
             */
            action: string;
            /**
             * Format: int32
             * @description How often.
             */
            count: number;
            /**
             * @description The rule, term or category that found something; empty where it could not look.
             * @example github-pat
             */
            detector: string;
            /** @description Why it could not look. */
            error: string | null;
            /** @description The guardrail, by the name that it had. */
            guardrail: string;
            /**
             * Format: int64
             * @description How long all guardrails of the direction took together, in microseconds.
             */
            micros: number;
            /** @description In the prompt or in the answer. */
            phase: components["schemas"]["GuardrailPhase"];
            /**
             * @description In what kinds of text.
             * @example [
             *       "text",
             *       "tool_arguments"
             *     ]
             */
            places: string[];
            /** @description Whether it was only noted what would have been done. */
            shadow: boolean;
        };
        /**
         * @description A decision about an app. One for the device stands in place of one for its team, and that in place of one
         *     for the fleet.
         */
        AppRule: {
            /**
             * @description The app.
             * @example claude-code
             */
            app: string;
            /**
             * @description For whom: `fleet`, or a team or device.
             * @example fleet
             */
            audience: string;
            /** @description The name of that team or device; null for the fleet. */
            audience_name: string | null;
            /**
             * Format: date-time
             * @description When.
             */
            decided_at: string;
            /** @description Who decided: the id of an account or a token, or `cli`. */
            decided_by: string;
            /** @description The name of that account or token; null where it has none. */
            decided_by_name: string | null;
            /** @description What was decided. */
            decision: components["schemas"]["AppDecision"];
            /** @description Whose credential its calls carry. */
            mode: components["schemas"]["CredentialMode"];
            /** @description What the person at the machine is told. */
            note: string | null;
            /** @description What happens when it pins certificates. */
            pinned: components["schemas"]["PinnedApps"];
            /**
             * Format: int64
             * @description The policy's revision with which it came.
             */
            revision: number;
        };
        /** @description One attempt to have a call answered. */
        Attempt: {
            /**
             * Format: int64
             * @description When it began, in microseconds since the call arrived.
             */
            began_us: number;
            /**
             * @description Why another attempt was needed; null where this one served the call: `status`, `timeout`, `connect` or
             *     `broken`.
             */
            failure: string | null;
            /** @description The name of the provider's key, where it has several. */
            key: string | null;
            /** @description The model as the provider names it. */
            model: string | null;
            /**
             * @description Where.
             * @example openai
             */
            provider: string;
            /**
             * Format: int32
             * @description What the provider answered; null where it did not.
             */
            status: number | null;
            /**
             * Format: int64
             * @description How long it took to the answer's first byte or to its failure, in microseconds.
             */
            took_us: number;
        };
        /** @description One audited action. */
        AuditEntry: {
            /**
             * @description What was done.
             * @example key.create
             */
            action: string;
            /**
             * @description Who did it: the id of an account or a token, `cli`, or `system`.
             * @example acc_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            actor: string;
            /** @description The name of that account or token; null where it has none, or is gone. */
            actor_name: string | null;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description Details. */
            detail: Record<string, never>;
            /** @description The entry's seal: a hash over it and the seal before, in hex. */
            hash: string;
            /**
             * @description Its id.
             * @example aud_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * Format: int64
             * @description Its place in the chain, from 1.
             */
            seq: number;
            /**
             * @description To what, by its id or name.
             * @example key_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            target: string;
            /** @description The name of that; null where it is no id, or is gone. */
            target_name: string | null;
        };
        /** @description What checking the chain found. */
        AuditVerdict: {
            /**
             * Format: int64
             * @description The first entry that does not fit: it was changed, or one before it is missing.
             */
            broken_at: number | null;
            /**
             * Format: int64
             * @description How many entries were checked; null when the chain is broken.
             */
            entries: number | null;
            /** @description Whether every entry is as it was written, and none is missing before the last. */
            intact: boolean;
        };
        /** @description The organisation's certificate authority. Never its key. */
        Authority: {
            /** @description Its certificate (PEM): what machines have to trust. */
            certificate_pem: string;
            /**
             * Format: date-time
             * @description Until when its certificate is valid.
             */
            expires_at: string;
            /** @description The SHA-256 of its certificate (DER), in hex. */
            fingerprint_sha256: string;
            /**
             * @description Its name.
             * @example CN=Tidegate Acme CA
             */
            name: string;
            /** @description The public key that policies are signed with (Ed25519, base64). */
            policy_key: string;
            /**
             * Format: date-time
             * @description Since when it is the authority.
             */
            since: string;
        };
        /** @description A body, as text where it is text. */
        BodyText: {
            /** @description The body. */
            data: string;
            /** @description How `data` is written. */
            encoding: components["schemas"]["Encoding"];
        };
        /** @description A cap on spend within a window. */
        Budget: {
            /** @description When windows start. */
            alignment: components["schemas"]["Alignment"];
            /**
             * Format: int64
             * @description How much may be spent in a window, in millionths of a US dollar.
             * @example 25000000
             */
            cap_micro_usd: number;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description Its id.
             * @example bud_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Counts only calls of models that match; all calls when null.
             * @example gpt-4o*
             */
            model: string | null;
            /**
             * @description Whom it applies to: `organization`, or the id of a team, user or key.
             * @example team_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            scope: string;
            /** @description The name of that; null for the organization. */
            scope_name: string | null;
            /** @description Where it stands now. */
            status: components["schemas"]["BudgetStatus"];
            /** @description How long a window is. */
            window: components["schemas"]["Window"];
        };
        /**
         * @description What to change of a budget. Scope, model and window are what it is: for others, create
         *     another budget.
         */
        BudgetChange: {
            /**
             * Format: int64
             * @description A new cap, in millionths of a US dollar. What was spent stays spent.
             * @example 50000000
             */
            cap_micro_usd: number;
        };
        /** @description Where a budget stands in its present window. */
        BudgetStatus: {
            /**
             * Format: int64
             * @description Set aside for running calls, on all nodes.
             * @example 600000
             */
            held_micro_usd: number;
            /**
             * Format: int64
             * @description What is neither spent nor held: zero when the budget is used up.
             * @example 12000000
             */
            left_micro_usd: number;
            /**
             * Format: int64
             * @description Spent for good, with the debt that the window before left.
             * @example 12400000
             */
            spent_micro_usd: number;
            /**
             * Format: date-time
             * @description When the window ends and the budget is full again.
             */
            window_end: string | null;
            /**
             * Format: date-time
             * @description When the window started; null before the first call of a first-use window.
             */
            window_start: string | null;
        };
        /** @description The answers that this node keeps. Each node keeps its own, in memory. */
        Cache: {
            /**
             * Format: int64
             * @description Answers that are kept now.
             */
            answers: number;
            /**
             * Format: int64
             * @description What they take, in bytes.
             */
            bytes: number;
            /**
             * @description Which calls are looked at: `all`, or `asked`.
             * @example all
             */
            calls: string;
            /** @description Whether answers are kept; if not, all else is zero. */
            enabled: boolean;
            /**
             * Format: int64
             * @description Answers that made room for others, since then.
             */
            evictions: number;
            /**
             * Format: int64
             * @description Calls answered with a kept answer, since the node started.
             */
            hits: number;
            /**
             * Format: int64
             * @description What they may take in memory, in bytes.
             */
            memory_bytes: number;
            /**
             * Format: int64
             * @description Calls that could have been answered so, and were not, since then.
             */
            misses: number;
            /**
             * Format: int64
             * @description What the answers given again would have cost, in millionths of a US dollar, since then.
             */
            saved_micro_usd: number;
            /**
             * @description Who shares answers: `key` or `team`.
             * @example team
             */
            scope: string;
            /**
             * Format: int64
             * @description Calls answered with the kept answer to a question that means the same, since then.
             */
            semantic: number;
            /**
             * Format: int64
             * @description Until which age answers are given, in seconds.
             */
            ttl_seconds: number;
        };
        /** @description One check. What exactly is wrong is in the log: this answer is open to everybody. */
        Check: {
            /**
             * @description What was checked: `snapshot` (the rules that calls are decided by are loaded), `store` (the
             *     database answers and has the schema of this build), or `configuration` (what is on the disk is in
             *     force). A node whose configuration on the disk is no good is ready all the same: it goes by the
             *     last good one.
             * @example store
             */
            name: string;
            /** @description Whether it is fine. */
            ok: boolean;
        };
        /**
         * @description How we prove ourselves at the provider.
         * @enum {string}
         */
        ClientAuth: "basic" | "post" | "public";
        /**
         * @description What went wrong. Clients may match on it: a code never changes its meaning.
         * @enum {string}
         */
        Code: "access_denied" | "authorization_pending" | "body_too_large" | "busy" | "conflict" | "csrf" | "device_disabled" | "device_duplicate" | "device_removed" | "device_taken" | "edge_not_configured" | "forbidden" | "expired_token" | "host_not_allowed" | "identity_provider_unavailable" | "internal" | "invalid_fields" | "invalid_grant" | "invalid_json" | "method_not_allowed" | "not_found" | "password_change_required" | "session_required" | "sign_in_failed" | "slow_down" | "store_unavailable" | "timeout" | "totp_required" | "totp_wrong" | "too_many_attempts" | "unauthenticated" | "unsupported_media_type";
        /** @description The configuration file, as this node has it. */
        Configuration: {
            /**
             * @description Stands for what is in force: the same on all nodes that have the same files.
             * @example 6f1d2c0b9a8e7f35
             */
            digest: string;
            refused: components["schemas"]["RefusedConfiguration"] | null;
            /**
             * Format: date-time
             * @description Since when it is in force.
             */
            since: string;
        };
        /** @description Prompt and answer of a call. Long ones are cut. */
        Content: {
            /** @description The answer's body as sent. */
            answer: components["schemas"]["BodyText"];
            /** @description The request's body as received. */
            prompt: components["schemas"]["BodyText"];
        };
        /** @description What a call's cost is made of, at the prices in force now. */
        CostBreakdown: {
            /**
             * Format: int64
             * @description What the call would cost now, discounts and searches included.
             */
            cost_micro_usd: number;
            /** @description Whether that is what it did cost: prices have not changed since. */
            matches: boolean;
            /** @description Each kind of token that was used. Each is rounded up, so that their sum may be a few millionths more. */
            parts: components["schemas"]["CostPart"][];
        };
        /** @description What one kind of tokens cost. */
        CostPart: {
            /**
             * Format: int64
             * @description What they cost, before discounts.
             */
            cost_micro_usd: number;
            /**
             * @description Which kind, as in the usage.
             * @example input
             */
            kind: string;
            /**
             * Format: int64
             * @description How many.
             */
            tokens: number;
        };
        /** @description How much there is of each. */
        Counts: {
            /** Format: int64 */
            budgets: number;
            /**
             * Format: int64
             * @description Managed devices.
             */
            devices: number;
            /**
             * Format: int64
             * @description Keys that are not revoked, those of devices left out.
             */
            keys: number;
            /** Format: int64 */
            limits: number;
            providers: number;
            /** Format: int64 */
            teams: number;
            /** Format: int64 */
            users: number;
        };
        /** @description A place that a device looked at. */
        Coverage: {
            /** @description For which client. */
            client: string;
            /** @description More in words. */
            detail: string | null;
            /** @description How it looked: `found`, `absent`, `unreadable`, `broken`, `too_large`. */
            looked: string;
            /** @description The place. */
            path: string;
            /** @description Whose home it is in; null for the whole machine. */
            user: string | null;
        };
        /**
         * @description Whose credential an app's calls carry: the gateway's, or its own.
         * @enum {string}
         */
        CredentialMode: "gateway" | "pass_through";
        /** @description Who is signed in, and how. */
        CurrentSession: {
            /** @description The signed-in account. */
            account: components["schemas"]["Account"];
            /** @description Its session. */
            session: components["schemas"]["Session"];
            /** @description Whether the account has a second factor. */
            totp: boolean;
        };
        /** @description What was decided about one of them. */
        DecisionMade: {
            /** @description The app's id. */
            app: string | null;
            /** @description Whether that is news. */
            changed: boolean;
            /** @description What holds now. */
            decision: components["schemas"]["AppDecision"];
            /** @description Or the MCP server's identity. */
            identity: string | null;
            /**
             * @description The id of the rule about an MCP server.
             * @example mcp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            rule: string | null;
        };
        /** @description What was decided, in the order in which it was asked for. */
        Decisions: {
            /** @description What became of each. */
            items: components["schemas"]["DecisionMade"][];
            /**
             * Format: int64
             * @description The policy's revision that holds it.
             */
            revision: number;
        };
        /** @description What is decided about: an app, or an MCP server. */
        DecisionTarget: {
            /**
             * @description The app's id.
             * @example claude-code
             */
            app?: string | null;
            /** @description Only with these arguments. */
            arguments?: string | null;
            /**
             * @description Or the MCP server's identity.
             * @example npm:@scope/server
             */
            identity?: string | null;
            /** @description Only this exact launch. */
            launch?: string | null;
        };
        /** @description How a request is declined. */
        DeclineRequest: {
            /** @description The answer in words. */
            answer?: string | null;
        };
        /** @description A rule that finds something in a text. */
        Detector: {
            /** @description What it finds. */
            description: string;
            /** @description The group that it belongs to. */
            group: components["schemas"]["DetectorGroup"];
            /**
             * @description Its name.
             * @example github-pat
             */
            id: string;
            /** @description The countries that it is for, as ISO 3166-1 alpha-2 in lower case; empty: all. */
            regions: string[];
            /**
             * Format: float
             * @description The score of a match that nothing more speaks for, 0 to 1.
             */
            score: number;
        };
        /**
         * @description Rules that belong together. Generic secrets are often wrong; `own` are the operator's.
         * @enum {string}
         */
        DetectorGroup: "secrets" | "generic_secrets" | "personal" | "own";
        /** @description A managed device. Never its key's secret. */
        Device: {
            /** @description The agent's version. */
            agent_version: string;
            /**
             * Format: int64
             * @description How many AI apps are installed on it.
             */
            apps: number;
            /** @description Its certificate. */
            certificate: components["schemas"]["DeviceCertificate"];
            /** @description Whether its calls are refused until it is enabled again. */
            disabled: boolean;
            /** @description Whether it governs, as it measured; null before its first check-in. */
            effective: boolean | null;
            /**
             * Format: date-time
             * @description When it did.
             */
            effects_at: string | null;
            /**
             * Format: int64
             * @description Of which revision it last reported what came of decisions; 0 for none.
             */
            effects_revision: number;
            /**
             * Format: date-time
             * @description When it was enrolled.
             */
            enrolled_at: string;
            /** @description The token that enrolled it. */
            enrolment_token: string;
            /**
             * @description The group that it is in.
             * @example dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            group: string | null;
            /**
             * @description What that is called.
             * @example Finance laptops
             */
            group_name: string | null;
            /**
             * @description The machine's name, as it said when it was enrolled.
             * @example ada-laptop
             */
            hostname: string;
            /**
             * @description Its id.
             * @example dev_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * Format: date-time
             * @description Since when its inventory is what it is: apart from when it was last seen. Null before its first
             *     scan.
             */
            inventory_changed_at: string | null;
            /**
             * @description The virtual key that its key is: budgets and limits can be set on it.
             * @example key_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            key: string;
            /**
             * Format: date-time
             * @description When it last checked in; to the minute where that was at another node.
             */
            last_seen_at: string | null;
            /** @description A stable id of the machine, hashed by it. Two devices that share one are copies. */
            machine_id_hash: string;
            /**
             * Format: int64
             * @description How many MCP servers its clients' configurations name.
             */
            mcp_servers: number;
            /**
             * @description Its name, for people.
             * @example ada-laptop
             */
            name: string;
            owner: components["schemas"]["Owner"] | null;
            /** @description The machine. */
            platform: components["schemas"]["Platform"];
            /**
             * Format: int64
             * @description The revision of the policy in force on it; 0 before its first check-in.
             */
            policy_revision: number;
            /** @description Whether it is there. */
            presence: components["schemas"]["Presence"];
            /** @description Why it does not. */
            problem: string | null;
            quarantine: components["schemas"]["Quarantine"] | null;
            /** @description Whether it has not got that yet. */
            scan_pending: boolean;
            /**
             * Format: date-time
             * @description When it was last asked to look at everything anew.
             */
            scan_requested_at: string | null;
            /** @description The team it belongs to. */
            team: string | null;
            /** @description The user it belongs to. */
            user: string | null;
        };
        /** @description An app that a device has seen in its traffic. */
        DeviceApp: {
            /**
             * @description The app's id.
             * @example claude-code
             */
            app: string;
            /**
             * Format: int64
             * @description Connections that were refused.
             */
            denied: number;
            /**
             * Format: date-time
             * @description When it was first seen.
             */
            first_seen_at: string;
            /**
             * Format: date-time
             * @description When it was last seen.
             */
            last_seen_at: string;
            /** @description Its executable or script, as last seen. */
            path: string;
            /**
             * Format: int64
             * @description Handshakes that it broke off because of our certificate.
             */
            pinned: number;
            /**
             * Format: int64
             * @description Connections that were relayed.
             */
            relayed: number;
            /** @description Its version, as last seen. */
            version: string | null;
        };
        /** @description The certificate that was last issued to a device. */
        DeviceCertificate: {
            /**
             * Format: date-time
             * @description Until when it is valid.
             */
            expires_at: string;
            /** @description Its serial number, in hex. */
            serial: string;
        };
        /** @description What to change of a device. Absent fields stay as they are. */
        DeviceChange: {
            /** @description Whether its calls are refused. */
            disabled?: boolean;
            /** @description A new group; null for none. Its next calls are judged by it. */
            group?: string | null;
            /** @description A new name. */
            name?: string;
            /** @description A new team; null for none. */
            team?: string | null;
            /** @description A new user; null for none. */
            user?: string | null;
        };
        /** @description How many devices there are, and of which sorts. */
        DeviceFacets: {
            /** @description By the agent's version, 100 at most. */
            agent_version: components["schemas"]["Facet"][];
            /**
             * Format: int64
             * @description Those that say that they do not govern.
             */
            ineffective: number;
            /**
             * Format: int64
             * @description Seen within so many seconds it is late rather than missing.
             */
            late_seconds: number;
            /**
             * Format: int64
             * @description Seen within so many seconds a device is online: two check-ins and two minutes.
             */
            online_seconds: number;
            /** @description By operating system. */
            os: components["schemas"]["Facet"][];
            /** @description By its version, 100 at most. */
            os_version: components["schemas"]["Facet"][];
            /** @description By whether they are there, with the rule by which that is told. */
            presence: components["schemas"]["Facet"][];
            /**
             * Format: int64
             * @description Those that somebody may have copied.
             */
            quarantined: number;
            /**
             * Format: int64
             * @description All that the filters let through.
             */
            total: number;
        };
        /** @description A group of devices. */
        DeviceGroup: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: int64
             * @description How many devices are in it.
             */
            devices: number;
            /**
             * @description Its id.
             * @example dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Its name, unique among groups of devices.
             * @example Finance laptops
             */
            name: string;
        };
        /** @description What is on a device, as it found it. Null `hash` before its first scan. */
        DeviceInventory: {
            /** @description AI apps. */
            apps: components["schemas"]["InstalledApp"][];
            /** @description Where it looked. */
            coverage: components["schemas"]["Coverage"][];
            /**
             * Format: int64
             * @description Entries that the gateway could not read.
             */
            dropped: number;
            /** @description The inventory's hash. */
            hash: string | null;
            /** @description MCP servers in clients' configurations. */
            mcp_servers: components["schemas"]["DeviceMcpServer"][];
            /**
             * Format: date-time
             * @description When the gateway got it; devices that are alike share one.
             */
            stored_at: string | null;
            /** @description More was found than fits. */
            truncated: boolean;
        };
        /** @description An MCP server in a client's configuration on a device. */
        DeviceMcpServer: {
            /** @description Its arguments, secrets taken out. */
            args: string[];
            /** @description Over its arguments. */
            arguments: string;
            /** @description The client that uses it. */
            client: string;
            /** @description The program, secrets taken out. */
            command: string | null;
            /** @description The file that names it. */
            config_path: string;
            /** @description What holds for it on this device. */
            decision: components["schemas"]["AppDecision"];
            /** @description Whether the client has it switched on. */
            enabled: boolean;
            /** @description Names of environment variables and headers that it is given. */
            given: string[];
            /** @description What it is. */
            identity: string;
            /** @description Over the whole launch. */
            launch: string;
            /** @description What the person calls it. */
            name: string;
            /** @description The project. */
            project: string | null;
            /** @description Whom it holds for. */
            scope: string;
            /** @description How they are known. */
            tool_source: string | null;
            /** @description Names of its tools, as far as they are known. */
            tools: string[];
            /** @description How it is spoken to. */
            transport: string;
            /** @description Where it is, secrets taken out. */
            url: string | null;
            /** @description Whose home it was found in; null for the whole machine. */
            user: string | null;
            /** @description The version that is asked for. */
            version: string | null;
        };
        /** @description Which devices go where. */
        DeviceMove: {
            /** @description These: 1 to 200. */
            devices: string[];
            /**
             * @description Into this group; null: into none.
             * @example dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            group: string | null;
        };
        /** @description Devices that were moved. */
        DevicesMoved: {
            /** @description How many were elsewhere before. */
            moved: number;
            /** @description How many were there already. */
            there: number;
        };
        /** @description An app, and what holds for it. */
        EdgeApp: {
            /**
             * @description Its id.
             * @example claude-code
             */
            app: string;
            /**
             * Format: date-time
             * @description When it was decided.
             */
            decided_at: string | null;
            /** @description Who decided: the id of an account or a token, or `cli`; null where the defaults hold. */
            decided_by: string | null;
            /** @description The name of that account or token; null where it has none. */
            decided_by_name: string | null;
            /** @description What holds for it. */
            decision: components["schemas"]["AppDecision"];
            /** @description What came of the decision. */
            effects: components["schemas"]["EffectSummary"];
            installed: components["schemas"]["EdgeAppInstalled"] | null;
            /**
             * @description What it is: `cli`, `desktop`, `editor`, `browser`, `runtime` or `tool`.
             * @example cli
             */
            kind: string | null;
            /** @description Whose credential its calls carry. */
            mode: components["schemas"]["CredentialMode"];
            /** @description What the person at the machine is told. */
            note: string | null;
            /** @description What happens when it pins certificates. */
            pinned: components["schemas"]["PinnedApps"];
            /** @description How many decisions there are about it, those for teams and devices included. */
            rules: number;
            seen: components["schemas"]["EdgeAppSeen"] | null;
            /** @description Who makes it; null for an app that the build does not know. */
            vendor: string | null;
        };
        /** @description An app, over all devices that have it installed. */
        EdgeAppInstalled: {
            /**
             * Format: int64
             * @description How many devices have it now.
             */
            devices: number;
            /**
             * Format: date-time
             * @description When the fleet first saw it.
             */
            first_seen_at: string | null;
            /**
             * Format: date-time
             * @description When a device that has it was last seen, or until when one had it.
             */
            last_seen_at: string | null;
            /** @description Its versions and where they are from, those that most devices have first. */
            versions: components["schemas"]["EdgeAppVersion"][];
        };
        /** @description An app, over all devices that have seen it. */
        EdgeAppSeen: {
            /**
             * Format: int64
             * @description Connections that were refused.
             */
            denied: number;
            /**
             * Format: int64
             * @description How many devices have seen it.
             */
            devices: number;
            /**
             * Format: date-time
             * @description When it was first seen.
             */
            first_seen_at: string;
            /**
             * Format: date-time
             * @description When it was last seen.
             */
            last_seen_at: string;
            /**
             * Format: int64
             * @description Handshakes that it broke off because of our certificate.
             */
            pinned: number;
            /**
             * Format: int64
             * @description Connections that were relayed.
             */
            relayed: number;
        };
        /** @description A version of an app, from one source. */
        EdgeAppVersion: {
            /**
             * Format: int64
             * @description On how many devices.
             */
            devices: number;
            /**
             * @description Where it was installed from, such as `npm` or `dpkg`.
             * @example npm
             */
            source: string;
            /** @description The version, where it says one. */
            version: string | null;
        };
        /** @description A rule for a host and everything below it. The longest name that fits decides. */
        EdgeHost: {
            builtin: components["schemas"]["HostTreatment"] | null;
            /**
             * @description The host.
             * @example api.anthropic.com
             */
            host: string;
            /**
             * Format: date-time
             * @description When an operator's own rule was set; null where there is none.
             */
            set_at: string | null;
            /** @description What happens to connections to it. */
            treatment: components["schemas"]["HostTreatment"];
        };
        /** @description A rule for a host. */
        EdgeHostRule: {
            /** @description What happens to connections to it. */
            treatment: components["schemas"]["HostTreatment"];
        };
        /** @description What holds where no rule says otherwise. */
        EdgeSettings: {
            /**
             * Format: int32
             * @description Seconds between check-ins.
             */
            check_in_seconds: number;
            /** @description For apps that nobody decided about. */
            default_decision: components["schemas"]["AppDecision"];
            /** @description For MCP servers that nobody decided about: `denied` is an allow-list. */
            default_mcp_decision: components["schemas"]["AppDecision"];
            /** @description For apps that nobody decided about. */
            default_mode: components["schemas"]["CredentialMode"];
            /** @description For apps that nobody decided about. */
            default_pinned: components["schemas"]["PinnedApps"];
            /** @description What happens while a device cannot govern. */
            fail: components["schemas"]["FailMode"];
            /** @description Hosts that are never refused. */
            never_block: string[];
        };
        /** @description What came of a decision on a device. */
        Effect: {
            /** @description The app, of a decision about one. */
            app: string | null;
            /** @description The client whose configuration names the server. */
            client: string | null;
            /** @description The file that names it. */
            config_path: string | null;
            /** @description What the policy on the device says about it. */
            decision: components["schemas"]["AppDecision"];
            /** @description More in words. */
            detail: string | null;
            /** @description The device. */
            device: string;
            /** @description The MCP server, of a decision about one. */
            identity: string | null;
            /** @description By which means: `native_policy`, `config_edit`, `shim`, `exec`, `socket`, `relay`, `kill`. */
            means: string[];
            /** @description What the person calls the server. */
            name: string | null;
            /**
             * Format: date-time
             * @description When the device said so.
             */
            reported_at: string;
            /**
             * Format: int64
             * @description Of which revision of the policy.
             */
            revision: number;
            /** @description What came of it. */
            state: components["schemas"]["EffectState"];
            /** @description Whose home it is in. */
            user: string | null;
        };
        /**
         * @description What came of a decision on a device. `other` is a word that only a newer gateway knows.
         * @enum {string}
         */
        EffectState: "verified" | "pending_restart" | "shadowed" | "unsupported" | "failed" | "other";
        /**
         * @description On how many of the devices that have an item its decision came out in which way. On a device that has
         *     it several times the worst counts.
         */
        EffectSummary: {
            /**
             * Format: int64
             * @description Devices that have it.
             */
            devices: number;
            /**
             * Format: int64
             * @description It was tried and did not work.
             */
            failed: number;
            /**
             * Format: int64
             * @description In force once the client is started anew.
             */
            pending_restart: number;
            /**
             * Format: int64
             * @description Another policy of a higher rank holds instead.
             */
            shadowed: number;
            /**
             * Format: int64
             * @description Devices that did not report on it: nothing is to be done there, or they did not check in yet.
             */
            unreported: number;
            /**
             * Format: int64
             * @description There is no means to do it.
             */
            unsupported: number;
            /**
             * Format: int64
             * @description In force, as was found by looking.
             */
            verified: number;
        };
        /**
         * @description How a body is written: as it is, or in base64 where it is not UTF-8.
         * @enum {string}
         */
        Encoding: "base64" | "utf8";
        /** @description An enrolment token. Never its secret. */
        EnrolmentToken: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description From when on it is refused.
             */
            expires_at: string;
            /** @description The group that devices join which it enrols. */
            group: string | null;
            /**
             * @description Prefix and last four characters of the secret.
             * @example tg-enrol-…x7Qa
             */
            hint: string;
            /**
             * @description Its id.
             * @example enr_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * Format: int64
             * @description How many devices it enrols at most.
             */
            max_uses: number;
            /**
             * @description Its name, for people.
             * @example laptops of research
             */
            name: string;
            /**
             * Format: date-time
             * @description Since when it is revoked, for good.
             */
            revoked_at: string | null;
            /** @description The team of devices that it enrols. */
            team: string | null;
            /**
             * Format: int64
             * @description How many it has enrolled.
             */
            used: number;
            /** @description The user of devices that it enrols. */
            user: string | null;
        };
        /** @description An enrolment token with its secret. */
        EnrolmentTokenWithSecret: {
            /**
             * @description The secret. It is shown this once and cannot be read again.
             * @example tg-enrol-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM
             */
            secret: string;
            /** @description The token. */
            token: components["schemas"]["EnrolmentToken"];
        };
        /** @description One value of a filter. */
        Facet: {
            /**
             * Format: int64
             * @description How many devices have it.
             */
            devices: number;
            /** @description The value, as the filter takes it. */
            value: string;
        };
        /**
         * @description What happens to governed connections while a device cannot govern them.
         * @enum {string}
         */
        FailMode: "closed" | "open";
        /**
         * @description Whose price list a row belongs to: `anthropic`, `bedrock`, `gemini`, `openai`, or the name of a provider profile.
         * @example openai
         */
        Family: string;
        /** @description One field or query parameter that is not valid. */
        FieldError: {
            /**
             * @description What is wrong and what would be right.
             * @example is required
             */
            detail: string;
            /**
             * @description Name of the query parameter.
             * @example limit
             */
            parameter?: string | null;
            /**
             * @description JSON pointer (RFC 6901) to the field in the body.
             * @example /allow/models/0
             */
            pointer?: string | null;
        };
        /** @description Something that was found. */
        Finding: {
            /** @description The rule. */
            detector: string;
            /**
             * Format: int64
             * @description Where it ends.
             */
            end: number;
            /**
             * Format: float
             * @description How sure it is, 0 to 1.
             */
            score: number;
            /**
             * Format: int64
             * @description Where it begins in the text, in UTF-8 bytes.
             */
            start: number;
        };
        /** @description How a request is granted. */
        GrantRequest: {
            /** @description The answer in words. */
            answer?: string | null;
            /**
             * @description Approve what was asked for, for whom: `fleet`, `team:` or `device:` with an id. Nothing is
             *     decided when not said.
             * @example fleet
             */
            approve_for?: string | null;
        };
        /** @description A group of users. */
        Group: {
            /**
             * Format: date-time
             * @description When the identity provider last changed it.
             */
            changed_at: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description Its id at the identity provider. */
            external_id: string | null;
            /**
             * @description Its id.
             * @example group_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * Format: int64
             * @description How many members it has.
             */
            members: number;
            /**
             * @description Its name at the identity provider, unique in any case.
             * @example Engineering
             */
            name: string;
            /**
             * @description The team that its members belong to.
             * @example team_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            team: string | null;
        };
        /** @description Who is in this group has this role. */
        GroupRule: {
            /**
             * @description The group, exactly as the provider writes it.
             * @example tidegate-admins
             */
            group: string;
            /** @description The role. */
            role: components["schemas"]["Role"];
            /** @description The team of the role `team_admin`. */
            team: string | null;
        };
        /** @description The team that a group stands for. */
        GroupTeam: {
            /** @description The team; null for none. */
            team: string | null;
        };
        /** @description A call on which guardrails did something. */
        GuardedRequest: {
            /** @description What they did. */
            applied: components["schemas"]["AppliedGuardrail"][];
            /**
             * @description The call.
             * @example req_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            request: string;
            /**
             * Format: date-time
             * @description When it arrived.
             */
            started_at: string;
        };
        /** @description A guardrail. */
        Guardrail: {
            /** @description What it does. */
            definition: components["schemas"]["GuardrailDefinition"];
            /** @description Whether it is in force. */
            enabled: boolean;
            /**
             * @description Its id.
             * @example grd_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Its name, unique; callers read it when it blocks.
             * @example No credentials in prompts
             */
            name: string;
            /**
             * Format: int64
             * @description Prompts pass guardrails by rising position, answers by falling.
             */
            position: number;
        };
        /**
         * @description What is done about a finding: `log` notes it, `flag` also alerts, `redact` puts another text in its place,
         *     `restore` a placeholder that becomes the text again in the answer, `block` refuses.
         */
        GuardrailAction: {
            /** @enum {string} */
            do: "log";
        } | {
            /** @enum {string} */
            do: "flag";
        } | {
            /** @enum {string} */
            do: "redact";
            /** @description Which. */
            with?: components["schemas"]["GuardrailReplacement"];
        } | {
            /** @enum {string} */
            do: "restore";
        } | {
            /** @enum {string} */
            do: "block";
        };
        /** @description What to change of a guardrail. Absent fields stay as they are. */
        GuardrailChange: {
            /** @description What it does, as a whole. */
            definition?: components["schemas"]["GuardrailDefinition"];
            /** @description Whether it is in force. */
            enabled?: boolean;
            /** @description A new name. */
            name?: string;
            /**
             * Format: int64
             * @description Where it stands.
             */
            position?: number;
        };
        /** @description What a guardrail does. */
        GuardrailDefinition: {
            /** @description What it does about a finding. */
            action: components["schemas"]["GuardrailAction"];
            /**
             * @description Whether answers are looked at.
             * @default true
             */
            answers: boolean;
            /**
             * @description A condition in the Common Expression Language over `call`: its members are the texts `operation`,
             *     `provider`, `model`, `key`, `team`, `user`, `device`, `device_group` and `app`, and the booleans
             *     `streamed` and `relayed`. Empty: always.
             * @example call.relayed && call.app != 'cursor'
             */
            condition?: string;
            /** @description What it looks for. */
            detect: components["schemas"]["GuardrailDetect"];
            /**
             * @description What happens when it cannot do its work: `closed` refuses the call, `open` lets it pass and says so in
             *     the log.
             */
            on_failure?: components["schemas"]["GuardrailFailure"];
            /**
             * @description Whether prompts are looked at.
             * @default true
             */
            prompts: boolean;
            /**
             * Format: int32
             * @description On how many of a hundred calls it is asked.
             * @default 100
             */
            sample: number;
            /** @description Which calls it concerns; each list that is not empty must name the call. */
            scope?: components["schemas"]["GuardrailScope"];
            /**
             * @description Only note what would have happened.
             * @default false
             */
            shadow: boolean;
        };
        /** @description What a guardrail looks for. */
        GuardrailDetect: {
            /** @description Rules that are left out. */
            except?: string[];
            /** @description Whole groups of rules. */
            groups?: components["schemas"]["DetectorGroup"][];
            /** @enum {string} */
            kind: "rules";
            /**
             * Format: float
             * @description How sure a finding must be.
             * @default 0.5
             */
            min_score: number;
            /**
             * @description Of personal data, only what is usual in these countries or everywhere; empty: all.
             * @example [
             *       "us",
             *       "de"
             *     ]
             */
            regions?: string[];
            /** @description Single rules by name. */
            rules?: string[];
        } | {
            /** @enum {string} */
            kind: "terms";
            /** @description Regular expressions. */
            patterns?: string[];
            /** @description Whole words or phrases. */
            words?: string[];
        } | {
            /** @description Regular expressions over arguments, their JSON escapes undone. */
            arguments?: string[];
            /** @enum {string} */
            kind: "tools";
            /**
             * @description Names, `*` for any characters.
             * @example [
             *       "bash",
             *       "mcp__*__delete_*"
             *     ]
             */
            names?: string[];
        } | {
            /** @description Its name in the configuration. */
            engine: string;
            /** @enum {string} */
            kind: "engine";
            /** @description How an answer waits for it that comes as a stream. */
            stream?: components["schemas"]["GuardrailStream"];
        };
        /**
         * @description What happens when a guardrail cannot do its work.
         * @enum {string}
         */
        GuardrailFailure: "closed" | "open";
        /**
         * @description A direction.
         * @enum {string}
         */
        GuardrailPhase: "prompt" | "answer";
        /**
         * @description What stands where something was: the rule's name, stars, or the name and a keyed hash.
         * @enum {string}
         */
        GuardrailReplacement: "name" | "mask" | "hash";
        /** @description Which calls a guardrail concerns. */
        GuardrailScope: {
            /** @description Apps that devices report, by their names in the catalogue. */
            apps?: string[];
            /** @description Ids of groups of devices: only calls that their devices relay. */
            device_groups?: string[];
            /** @description Ids of keys. */
            keys?: string[];
            /** @description Models, `*` for any characters. */
            models?: string[];
            /** @description Providers. */
            providers?: string[];
            /** @description Only calls that devices relay, or only others. */
            relayed?: boolean | null;
            /** @description Ids of teams, of keys, of users and of devices. */
            teams?: string[];
            /** @description Ids of users. */
            users?: string[];
        };
        /**
         * @description How an answer that comes as a stream waits for a service: `buffer` until the service has seen all of it, `window` part
         *     by part, `async` not at all: the stream ends when the service objects, and nothing can be replaced. An answer in one
         *     piece waits as a whole.
         */
        GuardrailStream: {
            /** @enum {string} */
            mode: "buffer";
        } | {
            /**
             * Format: int32
             * @description How much is new to the service each time it is asked, in characters.
             * @default 1000
             */
            characters: number;
            /** @enum {string} */
            mode: "window";
            /**
             * Format: int32
             * @description How much it sees again with what follows, in characters: as long as the longest thing that it is to find, and
             *     at most half of `characters`.
             * @default 100
             */
            overlap: number;
        } | {
            /**
             * Format: int32
             * @description How much is new to the service each time it is asked, in characters.
             * @default 1000
             */
            characters: number;
            /** @enum {string} */
            mode: "async";
        };
        /** @description A guardrail and a text to try it on. The text is not kept. */
        GuardrailTrial: {
            /** @description The guardrail. */
            definition: components["schemas"]["GuardrailDefinition"];
            phase?: components["schemas"]["GuardrailPhase"] | null;
            /** @description The text. */
            text: string;
        };
        /** @description What became of the text. */
        GuardrailVerdict: {
            /** @description What the log would say. */
            applied: components["schemas"]["AppliedGuardrail"][];
            /** @description Whether it would be blocked. */
            blocked: boolean;
            /** @description What was found, in the order of the text. */
            found: components["schemas"]["Finding"][];
            /** @description The text as it would go on; null where nothing would. */
            text: string | null;
        };
        /**
         * @description Whether the last call was answered without a fault of the provider's.
         * @enum {string}
         */
        HealthState: "failing" | "healthy" | "unknown";
        /**
         * @description What happens to connections to a host: through the gateway, or untouched.
         * @enum {string}
         */
        HostTreatment: "governed" | "ignored";
        /** @description An identity provider. Never its secret. */
        IdentityProvider: {
            /** @description How we prove it: with the secret in a header or in the form, or not at all. */
            client_auth: components["schemas"]["ClientAuth"];
            /**
             * @description Who we are there.
             * @example tidegate
             */
            client_id: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            default_role: components["schemas"]["Role"] | null;
            /** @description Whether nobody signs in through it. */
            disabled: boolean;
            /**
             * @description Where groups stand among the claims.
             * @example realm_access.roles
             */
            groups_claim: string;
            /** @description Whether there is a secret. */
            has_secret: boolean;
            /**
             * @description Its id.
             * @example idp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Who it says it is.
             * @example https://login.example.com
             */
            issuer: string;
            /**
             * @description Its name, for people.
             * @example Example SSO
             */
            name: string;
            /**
             * @description What has to be registered at the provider as the client's redirect URI.
             * @example https://tidegate.example.com/api/v1/sign-in/callback
             */
            redirect_uri: string;
            /** @description From groups to roles. The first rule that fits counts. */
            rules: components["schemas"]["GroupRule"][];
            /** @description What is asked for besides `openid`. */
            scopes: string[];
            /** @description Whether addresses count without the provider's word that they are verified. */
            trusts_email: boolean;
        };
        /** @description What to change of an identity provider. Absent fields stay as they are. */
        IdentityProviderChange: {
            /** @description How we prove it. */
            client_auth?: components["schemas"]["ClientAuth"];
            /** @description Who we are there. */
            client_id?: string;
            /**
             * Format: password
             * @description Another secret, or null for none.
             */
            client_secret?: string | null;
            default_role?: components["schemas"]["Role"] | null;
            /** @description Whether nobody signs in through it. Disabling ends the sessions that it opened. */
            disabled?: boolean;
            /** @description Where groups stand among the claims. */
            groups_claim?: string;
            /** @description A new name. */
            name?: string;
            /** @description From groups to roles: all rules. They count from each person's next sign-in on. */
            rules?: components["schemas"]["NewGroupRule"][];
            /** @description What is asked for besides `openid`. */
            scopes?: string[];
            /** @description Whether addresses count without the provider's word. */
            trusts_email?: boolean;
        };
        /** @description What a provider says about itself. */
        IdentityProviderFindings: {
            /**
             * @description By which of the accepted algorithms it signs.
             * @example [
             *       "RS256"
             *     ]
             */
            algorithms: string[];
            /** @description Where browsers are sent. */
            authorization_endpoint: string;
            /** @description How many keys it has that ID tokens could be signed with. */
            keys: number;
            /** @description Whether its answers name it (RFC 9207). */
            names_itself: boolean;
            /** @description Whether it says that it checks PKCE (RFC 7636). */
            pkce: boolean;
            /** @description Where codes are redeemed. */
            token_endpoint: string;
            /** @description Where more is told about people. */
            userinfo_endpoint: string | null;
        };
        /** @description What a look at a provider found. */
        IdentityProviderTest: {
            found: components["schemas"]["IdentityProviderFindings"] | null;
            /** @description Why not; or what to look at before people do. */
            notes: string[];
            /** @description Whether people could sign in through it now, as far as it can be seen from outside. */
            usable: boolean;
        };
        /** @description This node. */
        Info: {
            configuration: components["schemas"]["Configuration"] | null;
            /** @description How much there is of each. */
            counts: components["schemas"]["Counts"];
            /** @description Finished calls on their way to the store. */
            log_queue: components["schemas"]["LogQueue"];
            /**
             * @description This process.
             * @example node_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            node: string;
            /**
             * Format: int64
             * @description The revision of what is stored; rises with every change.
             */
            revision: number;
            /**
             * Format: int64
             * @description The revision that this node decides by; null before it is ready.
             */
            snapshot_revision: number | null;
            /**
             * Format: date-time
             * @description When it started.
             */
            started_at: string;
            /**
             * Format: int64
             * @description Whole seconds since then.
             */
            uptime_seconds: number;
            /**
             * @description The gateway's version.
             * @example 0.1.0
             */
            version: string;
        };
        /** @description An AI app on a device. */
        InstalledApp: {
            /**
             * @description The app's id.
             * @example claude-code
             */
            app: string;
            /** @description What holds for it on this device. */
            decision: components["schemas"]["AppDecision"];
            /** @description What it is, such as `cli`, `desktop` or `editor_extension`. */
            kind: string;
            /** @description Its name for people. */
            name: string;
            /** @description Where it lies. */
            path: string;
            /** @description Who makes it. */
            publisher: string | null;
            /** @description Where it was installed from, such as `npm` or `dpkg`. */
            source: string;
            /** @description Whose it is; null for the whole machine. */
            user: string | null;
            /** @description Its version, where it says one. */
            version: string | null;
        };
        /** @description A virtual key. Never its secret. */
        Key: {
            /** @description What it may be used for. */
            allow: components["schemas"]["AllowLists"];
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description The device whose key it is. */
            device: string | null;
            /** @description Whether it is refused until it is enabled again. */
            disabled: boolean;
            /**
             * Format: date-time
             * @description From when on it is refused.
             */
            expires_at: string | null;
            /**
             * @description Prefix and last four characters of the secret.
             * @example sk-tg-…x7Qa
             */
            hint: string;
            /**
             * @description Its id.
             * @example key_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /** @description Whether prompts and answers of its calls are stored. */
            log_content: boolean;
            /**
             * @description Its name, for people.
             * @example batch jobs
             */
            name: string;
            /**
             * Format: date-time
             * @description Until when the secret before the last rotation is accepted.
             */
            previous_valid_until: string | null;
            /**
             * Format: date-time
             * @description Since when it is revoked, for good.
             */
            revoked_at: string | null;
            /** @description The team it belongs to. */
            team: string | null;
            /** @description That team's name. */
            team_name: string | null;
            /** @description The user it belongs to. */
            user: string | null;
            /** @description That user's name. */
            user_name: string | null;
        };
        /** @description What to change of a key. Absent fields stay as they are. */
        KeyChange: {
            /** @description New allow-lists, in place of all the old ones. */
            allow?: components["schemas"]["AllowLists"];
            /** @description Whether it is refused. */
            disabled?: boolean;
            /**
             * Format: date-time
             * @description A new expiry; null for none.
             */
            expires_at?: string | null;
            /** @description Whether prompts and answers of its calls are stored. */
            log_content?: boolean;
            /** @description A new name. */
            name?: string;
            /** @description A new team; null for none. */
            team?: string | null;
            /** @description A new user; null for none. */
            user?: string | null;
        };
        /** @description How to rotate a key. */
        KeyRotation: {
            /**
             * Format: int64
             * @description Seconds for which the old secret is still accepted; a day when not said.
             * @default 86400
             */
            grace_seconds: number;
        };
        /** @description A key with its new secret. */
        KeyWithSecret: {
            /** @description The key. */
            key: components["schemas"]["Key"];
            /**
             * @description The secret. It is shown this once and cannot be read again.
             * @example sk-tg-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM
             */
            secret: string;
        };
        /** @description Caps on the rate of calls. Null means no cap. */
        Limit: {
            /**
             * Format: int64
             * @description Calls in flight at once.
             * @example 32
             */
            concurrency: number | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description Its id.
             * @example lim_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Counts only calls of models that match; all calls when null.
             * @example claude-*
             */
            model: string | null;
            /**
             * Format: int64
             * @description Requests per minute.
             * @example 600
             */
            requests_per_minute: number | null;
            /**
             * @description Whom it applies to: `organization`, or the id of a team, user or key.
             * @example key_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            scope: string;
            /** @description The name of that team, user or key; null for the organization. */
            scope_name: string | null;
            /**
             * Format: int64
             * @description Tokens per minute, prompt and answer.
             * @example 200000
             */
            tokens_per_minute: number | null;
        };
        /** @description What to change of a limit. Absent fields stay, null lifts a rate; one rate must be left. */
        LimitChange: {
            /**
             * Format: int64
             * @description Calls in flight at once.
             */
            concurrency?: number | null;
            /**
             * Format: int64
             * @description Requests per minute.
             */
            requests_per_minute?: number | null;
            /**
             * Format: int64
             * @description Tokens per minute, prompt and answer.
             */
            tokens_per_minute?: number | null;
        };
        /** @description Finished calls on their way to the store. */
        LogQueue: {
            /**
             * Format: int64
             * @description Calls that wait.
             */
            depth: number;
            /**
             * Format: int64
             * @description Log rows dropped since start because the queue was full.
             */
            dropped: number;
        };
        /** @description Prices of a whole call whose prompt has more than `above` tokens. */
        LongContextPrices: {
            /**
             * Format: int64
             * @description Prompts with more tokens than this are long.
             * @example 200000
             */
            above: number;
            flex?: components["schemas"]["PriceRates"] | null;
            priority?: components["schemas"]["PriceRates"] | null;
            /** @description Prices at the standard tier. */
            standard: components["schemas"]["PriceRates"];
        };
        /** @description A way in which a server is started or reached. */
        McpLaunch: {
            /** @description Binds a decision to these arguments. */
            arguments: string;
            /** @description The client that uses it. */
            client: string;
            /** @description What holds for it on devices that nothing else was decided for. */
            decision: components["schemas"]["AppDecision"];
            /**
             * Format: int64
             * @description On how many devices.
             */
            devices: number;
            /** @description Binds a decision to exactly this launch. */
            launch: string;
            /** @description What people call it. */
            name: string;
            /** @description How it is spoken to. */
            transport: string;
            /** @description The version that is asked for. */
            version: string | null;
        };
        /** @description An MCP server in a client's configuration on a device. */
        McpOccurrence: {
            /** @description Its arguments, secrets taken out. */
            args: string[];
            /** @description The client. */
            client: string;
            /** @description The program, secrets taken out. */
            command: string | null;
            /** @description The file that names it. */
            config_path: string;
            /** @description The device. */
            device: string;
            /** @description Whether the client has it switched on. */
            enabled: boolean;
            /** @description The machine's name. */
            hostname: string;
            /** @description Over the whole launch. */
            launch: string;
            /** @description What the person calls it. */
            name: string;
            /** @description Whom it holds for: `managed`, `user`, `local`, `project`, `plugin`, `extension`, `process`. */
            scope: string;
            /** @description Where it is, secrets taken out. */
            url: string | null;
            /** @description Whose home it was found in; null for the whole machine. */
            user: string | null;
        };
        /**
         * @description A decision about an MCP server. The tightest that fits a server on a device decides; about the same,
         *     one for the device stands in place of one for its team, and that in place of one for the fleet.
         */
        McpRule: {
            /** @description Only with these arguments. */
            arguments: string | null;
            /**
             * @description For whom: `fleet`, or a team or device.
             * @example fleet
             */
            audience: string;
            /**
             * Format: date-time
             * @description When.
             */
            decided_at: string;
            /** @description Who decided: the id of an account or a token, or `cli`. */
            decided_by: string;
            /** @description What was decided. */
            decision: components["schemas"]["AppDecision"];
            /**
             * @description Its id.
             * @example mcp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description The server.
             * @example npm:@modelcontextprotocol/server-everything
             */
            identity: string;
            /** @description Only this exact launch. */
            launch: string | null;
            /** @description What people at the machines are told. */
            note: string | null;
            /**
             * Format: int64
             * @description The policy's revision with which it came.
             */
            revision: number;
            /** @description Which of its tools may be called. */
            tools: components["schemas"]["ToolRules"];
        };
        /** @description An MCP server, over all devices. */
        McpServer: {
            /** @description The clients that use it. */
            clients: string[];
            /** @description Whether somebody decided that, or the settings say it. */
            decided: boolean;
            /**
             * Format: date-time
             * @description When.
             */
            decided_at: string | null;
            /** @description Who decided. */
            decided_by: string | null;
            /** @description The name of that account or token; null where it has none. */
            decided_by_name: string | null;
            /** @description What holds for it on devices that nothing else was decided for. */
            decision: components["schemas"]["AppDecision"];
            /**
             * Format: int64
             * @description How many devices have it now.
             */
            devices: number;
            /**
             * @description In how many ways it is started or reached that no approval covers, where approvals are bound to
             *     arguments or launches.
             */
            drift: number;
            /** @description What came of the decision. */
            effects: components["schemas"]["EffectSummary"];
            /**
             * Format: date-time
             * @description When the fleet first saw it.
             */
            first_seen_at: string | null;
            /**
             * @description What it is, whatever people call it.
             * @example npm:@modelcontextprotocol/server-everything
             */
            identity: string;
            /**
             * Format: date-time
             * @description When a device that has it was last seen, or until when one had it.
             */
            last_seen_at: string | null;
            /** @description In how many ways it is started or reached. */
            launches: number;
            /** @description What people call it, 20 names at most. */
            names: string[];
            /** @description What people at the machines are told. */
            note: string | null;
            /** @description How many decisions there are about it, those for teams, devices and single launches included. */
            rules: number;
            /** @description Its tools, as far as they are known. */
            tools: components["schemas"]["McpTool"][];
            /** @description How it is spoken to: `stdio`, `sse`, `http`, `websocket`, `tcp`. */
            transports: string[];
            /** @description The versions that are asked for, 50 at most. */
            versions: string[];
        };
        /** @description An MCP server, with everything that is known of it. */
        McpServerDetail: {
            /** @description What devices reported about it; 1,000 reports at most. */
            effects: components["schemas"]["Effect"][];
            /** @description In which ways it is started or reached; 1,000 at most. */
            launches: components["schemas"]["McpLaunch"][];
            /** @description Where it is, by device; 1,000 places at most. */
            occurrences: components["schemas"]["McpOccurrence"][];
            /** @description The decisions about it. */
            rules: components["schemas"]["McpRule"][];
            /** @description The server. */
            server: components["schemas"]["McpServer"];
        };
        /** @description A tool of an MCP server. */
        McpTool: {
            /** @description What it says it does. */
            description: string | null;
            /** @description Its name. */
            name: string;
            /**
             * @description How it is known, without the server having been started: `manifest`, `shim`, `traffic`, `config`.
             * @example shim
             */
            source: string | null;
        };
        /** @description An account to create. */
        NewAccount: {
            /**
             * Format: email
             * @description E-mail address, unique among accounts; kept in lower case.
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Name for people; empty when not said.
             * @example Ada Lovelace
             */
            name?: string | null;
            role?: components["schemas"]["Role"] | null;
            /** @description The team it is confined to: required for the role `team_admin`, and only for it. */
            team?: string | null;
        };
        /** @description What is decided about an app. */
        NewAppDecision: {
            /**
             * @description For whom: `fleet`, `team:` with a team's id, or `device:` with a device's id; for the fleet
             *     when not said.
             * @example fleet
             */
            audience?: string | null;
            /** @description Whether it may be used. */
            decision: components["schemas"]["AppDecision"];
            mode?: components["schemas"]["CredentialMode"] | null;
            /**
             * @description What the person at the machine is told.
             * @example Use Claude Code instead. Ask it@example.com.
             */
            note?: string | null;
            pinned?: components["schemas"]["PinnedApps"] | null;
        };
        /** @description A CA certificate and its private key. */
        NewAuthority: {
            /** @description The certificate that signs (PEM), without the chain above it. */
            certificate_pem: string;
            /**
             * Format: password
             * @description Its private key (PEM, PKCS#8, not encrypted): ECDSA P-256 or P-384, or RSA with 2,048 bits
             *     or more. It is sealed and never answered.
             */
            private_key_pem: string;
        };
        /** @description A budget to create. */
        NewBudget: {
            alignment?: components["schemas"]["Alignment"] | null;
            /**
             * Format: int64
             * @description How much may be spent in a window, in millionths of a US dollar.
             * @example 25000000
             */
            cap_micro_usd: number;
            /**
             * @description Counts only calls of models that match; all calls when not said.
             * @example gpt-4o*
             */
            model?: string | null;
            /**
             * @description Whom it applies to: `organization`, or the id of a team, user or key.
             * @example organization
             */
            scope: string;
            /** @description How long a window is. */
            window: components["schemas"]["Window"];
        };
        /** @description A decision about many things at once. */
        NewDecisions: {
            /**
             * @description For whom: `fleet`, `team:` with a team's id, or `device:` with a device's id; for the fleet
             *     when not said.
             * @example fleet
             */
            audience?: string | null;
            /** @description What is decided. */
            decision: components["schemas"]["AppDecision"];
            /** @description What is decided about: 1 to 200. */
            items: components["schemas"]["DecisionTarget"][];
            mode?: components["schemas"]["CredentialMode"] | null;
            /** @description What people at the machines are told. */
            note?: string | null;
            pinned?: components["schemas"]["PinnedApps"] | null;
            tools?: components["schemas"]["NewToolRules"] | null;
        };
        /** @description A group of devices to create, or its new name. */
        NewDeviceGroup: {
            /**
             * @description Its name, unique among groups of devices.
             * @example Finance laptops
             */
            name: string;
        };
        /** @description New settings, in place of all the old ones. */
        NewEdgeSettings: {
            /**
             * Format: int32
             * @description Seconds between check-ins.
             * @example 60
             */
            check_in_seconds: number;
            /** @description For apps that nobody decided about. */
            default_decision: components["schemas"]["AppDecision"];
            default_mcp_decision?: components["schemas"]["AppDecision"] | null;
            /** @description For apps that nobody decided about. */
            default_mode: components["schemas"]["CredentialMode"];
            /** @description For apps that nobody decided about. */
            default_pinned: components["schemas"]["PinnedApps"];
            /** @description What happens while a device cannot govern. */
            fail: components["schemas"]["FailMode"];
            /** @description Hosts that are never refused, such as the identity provider; the gateway itself never is. */
            never_block?: string[];
        };
        /** @description An enrolment token to create. */
        NewEnrolmentToken: {
            /**
             * Format: date-time
             * @description From when on it is refused; must be in the future.
             */
            expires_at: string;
            /** @description The group that devices join which it enrols. */
            group?: string | null;
            /**
             * Format: int64
             * @description How many devices it enrols at most; one when not said.
             */
            max_uses?: number | null;
            /**
             * @description Its name, for people.
             * @example laptops of research
             */
            name: string;
            /** @description The team of devices that it enrols: its budgets and limits hold for them. */
            team?: string | null;
            /** @description The user of devices that it enrols. */
            user?: string | null;
        };
        /** @description Who is in this group has this role. */
        NewGroupRule: {
            /**
             * @description The group, exactly as the provider writes it.
             * @example tidegate-admins
             */
            group: string;
            /** @description The role. */
            role: components["schemas"]["Role"];
            /** @description The team of the role `team_admin`: required with it, and with no other. */
            team?: string | null;
        };
        /** @description A guardrail to create. */
        NewGuardrail: {
            /** @description What it does. */
            definition: components["schemas"]["GuardrailDefinition"];
            /** @description Whether it is in force; when not said, it is. */
            enabled?: boolean | null;
            /**
             * @description Its name, unique; callers read it when it blocks.
             * @example No credentials in prompts
             */
            name: string;
            /**
             * Format: int64
             * @description Where it stands; when not said, after all others.
             */
            position?: number | null;
        };
        /**
         * @description An identity provider to make. It has to speak OpenID Connect and to describe itself at
         *     `/.well-known/openid-configuration`.
         */
        NewIdentityProvider: {
            client_auth?: components["schemas"]["ClientAuth"] | null;
            /**
             * @description Who we are there.
             * @example tidegate
             */
            client_id: string;
            /**
             * Format: password
             * @description Our secret there. It cannot be read again.
             */
            client_secret?: string | null;
            default_role?: components["schemas"]["Role"] | null;
            /**
             * @description Where groups stand among the claims; `groups` when not said. A dot leads into a claim that is
             *     an object.
             * @example realm_access.roles
             */
            groups_claim?: string | null;
            /**
             * @description Who it says it is, to the letter. By https, but on this machine. It never changes.
             * @example https://login.example.com
             */
            issuer: string;
            /**
             * @description Its name, for people; unique among providers.
             * @example Example SSO
             */
            name: string;
            /**
             * @description From groups to roles. **The first rule that fits counts**, so the strongest come first.
             *     None when not said.
             */
            rules?: components["schemas"]["NewGroupRule"][];
            /**
             * @description What is asked for besides `openid`; `profile` and `email` when not said. Some providers tell
             *     groups only when they are asked for them.
             */
            scopes?: string[] | null;
            /**
             * @description Whether addresses count without the provider's word (`email_verified`) that they are the
             *     person's own. Only for a provider where nobody but admins can set them. No when not said.
             */
            trusts_email?: boolean | null;
        };
        /** @description A key to create. */
        NewKey: {
            allow?: components["schemas"]["AllowLists"] | null;
            /**
             * Format: date-time
             * @description From when on it is refused; must be in the future.
             */
            expires_at?: string | null;
            /** @description Whether prompts and answers of its calls are stored; no when not said. */
            log_content?: boolean | null;
            /**
             * @description Its name, for people; need not be unique.
             * @example batch jobs
             */
            name: string;
            /** @description The team it belongs to. */
            team?: string | null;
            /** @description The user it belongs to. */
            user?: string | null;
        };
        /** @description A limit to create. At least one rate must be given. */
        NewLimit: {
            /**
             * Format: int64
             * @description Calls in flight at once.
             * @example 32
             */
            concurrency?: number | null;
            /**
             * @description Counts only calls of models that match; all calls when not said.
             * @example claude-*
             */
            model?: string | null;
            /**
             * Format: int64
             * @description Requests per minute.
             * @example 600
             */
            requests_per_minute?: number | null;
            /**
             * @description Whom it applies to: `organization`, or the id of a team, user or key.
             * @example key_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            scope: string;
            /**
             * Format: int64
             * @description Tokens per minute, prompt and answer.
             * @example 200000
             */
            tokens_per_minute?: number | null;
        };
        /** @description A decision about an MCP server. */
        NewMcpRule: {
            /** @description Only with these arguments. */
            arguments?: string | null;
            /**
             * @description For whom: `fleet`, `team:` with a team's id, or `device:` with a device's id; for the fleet
             *     when not said.
             * @example fleet
             */
            audience?: string | null;
            /** @description What is decided. */
            decision: components["schemas"]["AppDecision"];
            /**
             * @description The server.
             * @example npm:@modelcontextprotocol/server-everything
             */
            identity: string;
            /** @description Only this exact launch. */
            launch?: string | null;
            /**
             * @description What people at the machines are told.
             * @example Not reviewed yet. Ask it@example.com.
             */
            note?: string | null;
            tools?: components["schemas"]["NewToolRules"] | null;
        };
        /** @description The filters of a page of the console. */
        NewSavedFilters: {
            /**
             * @description What to call it. A view of the same page and name gets the new filters.
             * @example Missing laptops
             */
            name: string;
            /**
             * @description The page.
             * @example devices
             */
            page: string;
            /**
             * @description The filters as a query string.
             * @example presence=missing&os=linux
             */
            query: string;
        };
        /** @description A token for SCIM to create. */
        NewScimToken: {
            /**
             * Format: date-time
             * @description From when on it is refused; must be in the future. Never when not said.
             */
            expires_at?: string | null;
            /**
             * @description Its name, for people: that of the identity provider.
             * @example Okta
             */
            name: string;
        };
        /** @description A session that was just opened. */
        NewSession: {
            /** @description Whose it is. */
            account: components["schemas"]["Account"];
            /**
             * Format: date-time
             * @description From when on it is refused.
             */
            expires_at: string;
            /**
             * @description The session's token, to be sent as a bearer token. It is shown this once and cannot be read
             *     again. Null where the session was given as a cookie.
             * @example tg-session-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM
             */
            token: string | null;
        };
        /** @description A team to create. */
        NewTeam: {
            /**
             * @description Its name, unique among teams.
             * @example research
             */
            name: string;
        };
        /** @description A token to create. */
        NewToken: {
            /**
             * Format: date-time
             * @description From when on it is refused; must be in the future. Never when not said.
             */
            expires_at?: string | null;
            /**
             * @description Its name, for people.
             * @example terraform
             */
            name: string;
            role?: components["schemas"]["Role"] | null;
            /** @description The team it is confined to: required for the role `team_admin`, and only for it. */
            team?: string | null;
        };
        /** @description Which tools of a server may be called. */
        NewToolRules: {
            /** @description Only these; all but the denied ones when not said. */
            allow?: string[] | null;
            /** @description Not these, whatever else is said. */
            deny?: string[];
        };
        /** @description A user to create. */
        NewUser: {
            /**
             * Format: email
             * @description E-mail address, unique among users; kept in lower case.
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            name: string;
            /** @description The team they belong to. */
            team?: string | null;
        };
        /**
         * @description How a call ended.
         * @enum {string}
         */
        Outcome: "client_gone" | "completed" | "refused" | "upstream_broken";
        /** @description What there is, what waits, and what happened. */
        Overview: {
            /**
             * Format: date-time
             * @description When this was worked out: an answer is kept for up to a minute, by the period.
             */
            at: string;
            /** @description What admins changed last, newest first, 10 at most; empty for who does not see the audit log. */
            changes: components["schemas"]["AuditEntry"][];
            /** @description Devices, and what is on them. */
            fleet: components["schemas"]["OverviewFleet"];
            node: components["schemas"]["OverviewNode"] | null;
            /** @description How providers do; empty for who is confined to a team. */
            providers: components["schemas"]["ProviderState"][];
            /** @description Spend and traffic. */
            traffic: components["schemas"]["OverviewTraffic"];
        };
        /** @description How much it was. */
        OverviewAmounts: {
            /**
             * Format: int64
             * @description Cost, in millionths of a US dollar.
             */
            cost_micro_usd: number;
            /**
             * Format: int64
             * @description Calls that the gateway refused.
             */
            denied: number;
            /**
             * Format: int64
             * @description Calls answered with status 400 or above, or broken off by the provider; denied ones too.
             */
            errors: number;
            /**
             * Format: int64
             * @description Calls.
             */
            requests: number;
            /**
             * Format: int64
             * @description Tokens of all kinds.
             */
            tokens: number;
        };
        /** @description What the cache did. */
        OverviewCache: {
            /**
             * Format: int64
             * @description Calls that it answered.
             */
            hits: number;
            /**
             * Format: int64
             * @description Calls that it could have answered, and did not.
             */
            misses: number;
            /**
             * Format: int64
             * @description What its answers would have cost, in millionths of a US dollar.
             */
            saved_micro_usd: number;
        };
        /** @description How many there are of which decision. */
        OverviewDecisions: {
            /** Format: int64 */
            approved: number;
            /** Format: int64 */
            denied: number;
            /** Format: int64 */
            pending: number;
        };
        /** @description Whether devices are there. */
        OverviewDevices: {
            /**
             * Format: int64
             * @description Those that say that they do not govern.
             */
            ineffective: number;
            /**
             * Format: int64
             * @description Those that did not, but within `late_seconds`.
             */
            late: number;
            /**
             * Format: int64
             * @description Three check-ins and a day.
             */
            late_seconds: number;
            /**
             * Format: int64
             * @description Those that did not even do that, or never did.
             */
            missing: number;
            /**
             * Format: int64
             * @description Those that checked in within `online_seconds`.
             */
            online: number;
            /**
             * Format: int64
             * @description Two check-ins and two minutes.
             */
            online_seconds: number;
            /**
             * Format: int64
             * @description Those that somebody may have copied.
             */
            quarantined: number;
            /**
             * Format: int64
             * @description All.
             */
            total: number;
        };
        /** @description Devices, and what is on them. */
        OverviewFleet: {
            /** @description Apps that are on a device or were seen in its traffic, by what holds for them in the fleet. */
            apps: components["schemas"]["OverviewDecisions"];
            /** @description Whether devices are there. */
            devices: components["schemas"]["OverviewDevices"];
            /** @description MCP servers that are on a device, by what holds for them in the fleet. */
            mcp_servers: components["schemas"]["OverviewDecisions"];
            /**
             * Format: int64
             * @description What people ask for that nobody has answered; 10,000 stands for more.
             */
            open_access_requests: number;
            /** @description On how many devices a decision did not come out as verified. */
            unsettled: components["schemas"]["OverviewUnsettled"];
            /** @description What is pending, that which most devices have first, 10 at most. */
            waiting: components["schemas"]["OverviewWaiting"][];
        };
        /** @description The node that answers. */
        OverviewNode: {
            configuration_refused: components["schemas"]["RefusedConfiguration"] | null;
            /**
             * Format: int64
             * @description Finished calls on their way to the store.
             */
            log_depth: number;
            /**
             * Format: int64
             * @description Log rows dropped since it started, because that queue was full.
             */
            log_dropped: number;
            /** @description It. */
            node: string;
            /**
             * Format: date-time
             * @description When it started.
             */
            started_at: string;
            /** @description Its version. */
            version: string;
        };
        /** @description Spend and traffic of one part. */
        OverviewPoint: {
            /** @description How much it was. */
            amounts: components["schemas"]["OverviewAmounts"];
            /**
             * Format: date-time
             * @description When it starts.
             */
            start: string;
        };
        /** @description One of a ranking. */
        OverviewRank: {
            /**
             * Format: int64
             * @description Cost, in millionths of a US dollar.
             */
            cost_micro_usd: number;
            /**
             * Format: int64
             * @description Calls that did not go well.
             */
            errors: number;
            /** @description Its id or name, as the filters of the request log take it. */
            id: string;
            /** @description What people call it. */
            name: string;
            /**
             * Format: int64
             * @description Calls.
             */
            requests: number;
        };
        /** @description Spend and traffic. */
        OverviewTraffic: {
            /** @description The apps that cost most, 10 at most. */
            apps: components["schemas"]["OverviewRank"][];
            /**
             * Format: int32
             * @description How long a part is, in hours.
             */
            bucket_hours: number;
            /** @description What the cache did. */
            cache: components["schemas"]["OverviewCache"];
            /**
             * Format: date-time
             * @description From when.
             */
            from: string;
            /** @description The models that cost most, 10 at most. */
            models: components["schemas"]["OverviewRank"][];
            /** @description The same time before that. */
            previous: components["schemas"]["OverviewAmounts"];
            /** @description Why calls were refused, most frequent first, 10 at most. */
            refusals: components["schemas"]["OverviewRank"][];
            /** @description The parts, oldest first; those without calls too. */
            series: components["schemas"]["OverviewPoint"][];
            /**
             * Format: date-time
             * @description To when: the end of the hour that is under way.
             */
            to: string;
            /** @description All parts together. */
            total: components["schemas"]["OverviewAmounts"];
            /** @description The users that cost most, 10 at most; over more than a day they are counted by whole days (UTC). */
            users: components["schemas"]["OverviewRank"][];
        };
        /** @description On how many devices a decision came out in each way but verified. */
        OverviewUnsettled: {
            /**
             * Format: int64
             * @description It was tried and did not work.
             */
            failed: number;
            /**
             * Format: int64
             * @description In force once a client is started anew.
             */
            pending_restart: number;
            /**
             * Format: int64
             * @description Another policy of a higher rank holds instead.
             */
            shadowed: number;
            /**
             * Format: int64
             * @description There is no means to do it.
             */
            unsupported: number;
        };
        /** @description Something that waits for a decision. */
        OverviewWaiting: {
            /** @description What holds for it meanwhile. */
            decision: components["schemas"]["AppDecision"];
            /**
             * Format: int64
             * @description How many devices have it.
             */
            devices: number;
            /**
             * Format: date-time
             * @description When the fleet first saw it.
             */
            first_seen_at: string | null;
            /** @description The app's id or the server's identity. */
            item: string;
            /**
             * @description `app` or `mcp_server`.
             * @example mcp_server
             */
            kind: string;
        };
        /** @description Whose a device is. */
        Owner: {
            /** @description Their address. */
            email: string;
            /** @description Their name. */
            name: string;
        };
        /** @description Part of a list. */
        Page_AccessRequest: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["AccessRequest"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Account: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Account"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_AppRule: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["AppRule"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_AuditEntry: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["AuditEntry"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Budget: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Budget"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Detector: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Detector"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Device: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Device"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_DeviceApp: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["DeviceApp"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_DeviceGroup: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["DeviceGroup"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_EdgeApp: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["EdgeApp"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_EdgeHost: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["EdgeHost"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Effect: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Effect"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_EnrolmentToken: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["EnrolmentToken"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Group: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Group"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_GuardedRequest: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["GuardedRequest"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Guardrail: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Guardrail"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_IdentityProvider: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["IdentityProvider"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Key: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Key"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Limit: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Limit"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_McpRule: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["McpRule"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_McpServer: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["McpServer"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Price: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Price"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_PriceOverride: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["PriceOverride"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Provider: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Provider"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Request: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Request"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_SavedFilters: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["SavedFilters"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_ScimToken: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["ScimToken"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Session: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Session"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Team: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Team"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_Token: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["Token"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description Part of a list. */
        Page_User: {
            /** @description The items, in the list's order. */
            items: components["schemas"]["User"][];
            /**
             * @description Pass it as `cursor` to read on; null at the end of the list.
             * @example 0193a7c2b1d4e5f60718293a4b5c6d7e
             */
            next_cursor: string | null;
        };
        /** @description A window that passed. */
        PassedWindow: {
            /**
             * Format: date-time
             * @description When it ended, or will.
             */
            end: string;
            /** @description Whether the cap would have been reached. */
            reached: boolean;
            /**
             * Format: int64
             * @description What was spent in it.
             */
            spent_micro_usd: number;
            /**
             * Format: date-time
             * @description When it started.
             */
            start: string;
        };
        /** @description A password to replace one's own. */
        PasswordChange: {
            /**
             * Format: password
             * @description The password so far.
             */
            current_password: string;
            /**
             * Format: password
             * @description The password from now on: 12 characters or more, another than before.
             */
            new_password: string;
        };
        /**
         * @description What happens to connections of an app that accepts no certificate but its own.
         * @enum {string}
         */
        PinnedApps: "block" | "bypass";
        /** @description The machine, as it described itself. */
        Platform: {
            /**
             * @description Its processor.
             * @example x86_64
             */
            arch: string;
            /**
             * @description `linux`, `macos` or `windows`.
             * @example linux
             */
            os: string;
            /**
             * @description Its version.
             * @example Debian GNU/Linux 12
             */
            os_version: string;
        };
        /**
         * @description Whether a device is there. `online`: it checked in within two intervals and two minutes. `late`: not
         *     that, but within a day and three intervals. `missing`: not even that, or never.
         * @enum {string}
         */
        Presence: "online" | "late" | "missing";
        /** @description A row of the price list in force. */
        Price: {
            /**
             * @description `family/model`, or `provider@family/model` for a row that holds for one provider.
             * @example openai/gpt-4o
             */
            name: string;
            /** @description The row. */
            row: components["schemas"]["PriceRow"];
        };
        /** @description A price row of the operator's own. */
        PriceOverride: {
            /**
             * @description `family/model`, or `provider@family/model` for a row that holds for one provider.
             * @example openai/gpt-4o
             */
            name: string;
            /** @description The row. */
            row: components["schemas"]["PriceRow"];
            /**
             * Format: date-time
             * @description When it was last set.
             */
            updated_at: string;
        };
        /** @description USD per million tokens, per kind. */
        PriceRates: {
            cache_write_1h?: components["schemas"]["Usd"] | null;
            cache_write_5m?: components["schemas"]["Usd"] | null;
            cached?: components["schemas"]["Usd"] | null;
            /** @description Prompt tokens. */
            input: components["schemas"]["Usd"];
            input_audio?: components["schemas"]["Usd"] | null;
            /** @description Answer tokens, reasoning included. */
            output: components["schemas"]["Usd"];
            output_audio?: components["schemas"]["Usd"] | null;
            output_image?: components["schemas"]["Usd"] | null;
        };
        /**
         * @description A price row: USD per million tokens, per kind. A kind without a price of its own costs what
         *     `input` or `output` costs.
         */
        PriceRow: {
            /** @description Other names of the model. */
            aliases?: string[];
            /**
             * Format: date
             * @description The day that page was read, like `2026-01-31`.
             */
            as_of?: string | null;
            /**
             * Format: int64
             * @description What a batch costs, in percent of the standard tier; 100 when not said.
             */
            batch_percent?: number | null;
            cache_write_1h?: components["schemas"]["Usd"] | null;
            cache_write_5m?: components["schemas"]["Usd"] | null;
            cached?: components["schemas"]["Usd"] | null;
            /**
             * Format: int64
             * @description Most tokens of prompt and answer together.
             */
            context_window?: number | null;
            /** @description Whose price list it belongs to. */
            family: components["schemas"]["Family"];
            flex?: components["schemas"]["PriceRates"] | null;
            /** @description Prompt tokens. */
            input: components["schemas"]["Usd"];
            input_audio?: components["schemas"]["Usd"] | null;
            long_context?: components["schemas"]["LongContextPrices"] | null;
            /**
             * Format: int64
             * @description Most tokens of an answer.
             */
            max_output?: number | null;
            /**
             * @description The model's id.
             * @example gpt-4o
             */
            model: string;
            /** @description Anything worth knowing. */
            note?: string | null;
            /** @description Answer tokens, reasoning included. */
            output: components["schemas"]["Usd"];
            output_audio?: components["schemas"]["Usd"] | null;
            output_image?: components["schemas"]["Usd"] | null;
            per_1k_characters?: components["schemas"]["Usd"] | null;
            per_image?: components["schemas"]["Usd"] | null;
            per_minute?: components["schemas"]["Usd"] | null;
            priority?: components["schemas"]["PriceRates"] | null;
            /** @description A configured provider: the row then holds for it alone. */
            provider?: string | null;
            /** @description Address of the page the numbers are from. */
            source?: string | null;
            web_search_per_1k?: components["schemas"]["Usd"] | null;
        };
        /**
         * @description An error answer (RFC 9457).
         * @example {
         *       "code": "invalid_fields",
         *       "detail": "Correct the fields named in `errors` and send the request again.",
         *       "errors": [
         *         {
         *           "detail": "is required",
         *           "pointer": "/name"
         *         }
         *       ],
         *       "status": 422,
         *       "title": "Some fields are not valid",
         *       "type": "urn:tidegate:problem:invalid_fields"
         *     }
         */
        Problem: {
            /** @description The kind of problem, for programs. */
            code: components["schemas"]["Code"];
            /** @description What happened here and what to do. */
            detail: string;
            /** @description All fields that are not valid; empty for other problems. */
            errors?: components["schemas"]["FieldError"][];
            /**
             * Format: int32
             * @description The HTTP status, repeated.
             */
            status: number;
            /** @description The kind of problem in words; the same for every problem of a kind. */
            title: string;
            /** @description A URI that names the kind of problem. */
            type: string;
        };
        /** @description A configured provider. */
        Provider: {
            /**
             * @description Where it is.
             * @example https://api.openai.com
             */
            base_url: string;
            /**
             * @description What it speaks.
             * @example openai
             */
            dialect: string;
            /** @description Whether a credential is configured. The credential itself is never shown. */
            has_credential: boolean;
            /** @description How its last calls went. */
            health: components["schemas"]["ProviderHealth"];
            /**
             * @description Patterns of the models it claims; any model of its dialect when empty.
             * @example [
             *       "gpt-*",
             *       "o4-mini"
             *     ]
             */
            model_patterns: string[];
            /**
             * @description The models it is known to have.
             * @example [
             *       "gpt-4o",
             *       "o4-mini"
             *     ]
             */
            models: string[];
            /**
             * @description Its name: the part before the slash in `provider/model`.
             * @example openai
             */
            name: string;
        };
        /** @description How the last calls to a provider went, as this node saw them. */
        ProviderHealth: {
            /**
             * @description What failed.
             * @example no answer within 30 s
             */
            last_error: string | null;
            /**
             * Format: date-time
             * @description When a call last failed.
             */
            last_error_at: string | null;
            /**
             * Format: date-time
             * @description When a call last went well.
             */
            last_success_at: string | null;
            /** @description `unknown` until it is called. */
            state: components["schemas"]["HealthState"];
        };
        /** @description How a provider does, as the node that answers sees it. */
        ProviderState: {
            /** @description Whether its last call was answered without a fault of its own; null until it is called. */
            healthy: boolean | null;
            /** @description What failed. */
            last_error: string | null;
            /**
             * Format: date-time
             * @description When a call last failed.
             */
            last_error_at: string | null;
            /** @description Its name. */
            name: string;
        };
        /** @description What was let go. */
        PurgedCache: {
            /**
             * Format: int64
             * @description How many answers.
             */
            purged: number;
        };
        /**
         * @description A device that somebody may have copied. It is served all the same; the copy is refused as far as it
         *     can be told apart.
         */
        Quarantine: {
            /** @description By what it was noticed. */
            reason: string;
            /**
             * Format: date-time
             * @description Since when that is known.
             */
            since: string;
        };
        /** @description Whether the node can take calls. */
        Readiness: {
            /** @description Each check. */
            checks: components["schemas"]["Check"][];
            /** @description Whether calls can be taken: `snapshot` and `store` are fine. */
            ready: boolean;
        };
        /** @description What opens the account once each when the authenticator is lost. */
        RecoveryCodes: {
            /**
             * @description Ten codes. They are shown this once and cannot be read again.
             * @example [
             *       "k7fq-2mzd-x9ne-4wtr-bh3p"
             *     ]
             */
            recovery_codes: string[];
        };
        /** @description A configuration on the disk that is not in force; the last good one stays. */
        RefusedConfiguration: {
            /**
             * Format: date-time
             * @description When it was refused.
             */
            at: string;
            /** @description All that is wrong with it, for people: keys and files, never a secret. */
            why: string;
        };
        /** @description A logged call. */
        Request: {
            /**
             * @description What the cache had to do with it: `hit` (it answered), `semantic` (it answered with the answer to a
             *     question that means the same) or `miss`; null where it was not asked.
             * @example hit
             */
            cache: string | null;
            /**
             * @description Why it was refused.
             * @example budget_exhausted
             */
            code: string | null;
            /**
             * @description How the cost was found: `priced`, `unpriced` (no price known) or `free`.
             * @example priced
             */
            cost_basis: string;
            /**
             * Format: int64
             * @description What it cost, in millionths of a US dollar.
             * @example 4215
             */
            cost_micro_usd: number;
            /**
             * Format: int64
             * @description From its first byte to the last of the answer, in microseconds.
             */
            duration_us: number;
            edge: components["schemas"]["RequestOrigin"] | null;
            /** @description Whether prompt and answer were kept. */
            has_content: boolean;
            /**
             * @description Its id, as in the answer's `x-tidegate-request-id`.
             * @example req_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /** @description The key that called; null when there was no valid one. */
            key: string | null;
            /** @description That key's name. */
            key_name: string | null;
            /**
             * @description The model as the caller named it.
             * @example gpt-4o
             */
            model: string | null;
            /**
             * @description What was called.
             * @example chat.completions
             */
            operation: string;
            /** @description How it ended: `completed`, `client_gone`, `upstream_broken` or `refused`. */
            outcome: components["schemas"]["Outcome"];
            /**
             * Format: int64
             * @description The part of it that the gateway took, in microseconds.
             */
            overhead_us: number;
            /**
             * @description Where it went.
             * @example openai
             */
            provider: string | null;
            /**
             * Format: int64
             * @description Bytes of the request's body.
             */
            request_bytes: number;
            /**
             * Format: int64
             * @description Bytes of the answer's body.
             */
            response_bytes: number;
            /**
             * Format: int64
             * @description What an answer of the cache would have cost at the price of the time, in millionths of a US dollar.
             */
            saved_micro_usd: number | null;
            /** @description The call that it is a copy of, where it was made for a shadow target: it is nobody's, and nobody got its answer. */
            shadow_of: string | null;
            /**
             * Format: date-time
             * @description When it arrived.
             */
            started_at: string;
            /**
             * Format: int32
             * @description Status sent to the caller.
             * @example 200
             */
            status: number;
            /** @description Whether the answer was streamed. */
            streamed: boolean;
            /** @description The key's team, or its user's. */
            team: string | null;
            /** @description That team's name; null where it is gone. */
            team_name: string | null;
            /**
             * @description W3C trace id, 32 hex digits.
             * @example 4bf92f3577b34da6a3ce929d0e0e4736
             */
            trace_id: string | null;
            /**
             * Format: int64
             * @description From arrival to the first byte of the answer's body, in microseconds.
             */
            ttft_us: number | null;
            /** @description What it used. */
            usage: components["schemas"]["TokenUsage"];
            /** @description The key's user. */
            user: string | null;
            /** @description That user's name; null where they are gone. */
            user_name: string | null;
        };
        /** @description Where a relayed call came from, as its device says. */
        RequestOrigin: {
            /**
             * @description The app's id.
             * @example claude-code
             */
            app: string;
            /** @description The device. */
            device: string;
            /** @description The device's name. */
            device_name: string | null;
            /**
             * @description The host that the app asked for.
             * @example api.anthropic.com
             */
            host: string;
            /** @description The OS user. */
            os_user: string;
            /** @description The executable or script. */
            process: string;
        };
        /**
         * @description What became of a request for access.
         * @enum {string}
         */
        RequestState: "open" | "granted" | "declined";
        /** @description A logged call with its content. */
        RequestWithContent: {
            /** @description Where it was tried, in order; empty where one attempt at the only place says all. */
            attempts: components["schemas"]["Attempt"][];
            content: components["schemas"]["Content"] | null;
            cost: components["schemas"]["CostBreakdown"] | null;
            /** @description What guardrails did, on the way in and out. */
            guardrails: components["schemas"]["AppliedGuardrail"][];
            /** @description The call. */
            request: components["schemas"]["Request"];
            shadow: components["schemas"]["Request"] | null;
            /** @description How it was decided, step by step, as far as the log tells. */
            trail: components["schemas"]["TrailStep"][];
        };
        /**
         * @description What somebody may do. Each operation names the roles that may call it in `x-tidegate-roles`.
         * @enum {string}
         */
        Role: "admin" | "read_only" | "security" | "team_admin";
        /** @description The filters of a page of the console. */
        SavedFilters: {
            /**
             * Format: date-time
             * @description When it was first saved.
             */
            created_at: string;
            /**
             * @description Its id.
             * @example view_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description What the person calls it.
             * @example Missing laptops
             */
            name: string;
            /**
             * @description The page.
             * @example devices
             */
            page: string;
            /**
             * @description The filters as a query string.
             * @example presence=missing&os=linux
             */
            query: string;
        };
        /** @description Which devices are to look at everything anew. */
        ScanRequest: {
            /** @description These, 200 at most; all devices when not said. */
            devices?: string[] | null;
        };
        /** @description Devices that were asked to look at everything anew. */
        ScanRequested: {
            /** @description How many. */
            devices: number;
            /**
             * Format: date-time
             * @description When.
             */
            requested_at: string;
        };
        /** @description A token for SCIM. Never its secret. */
        ScimToken: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description From when on it is refused.
             */
            expires_at: string | null;
            /**
             * @description Prefix and last four characters of the secret.
             * @example tg-scim-…x7Qa
             */
            hint: string;
            /**
             * @description Its id.
             * @example scim_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was last used, to the minute.
             */
            last_used_at: string | null;
            /**
             * @description Its name, for people.
             * @example Okta
             */
            name: string;
            /**
             * Format: date-time
             * @description Since when it is revoked, for good.
             */
            revoked_at: string | null;
        };
        /** @description A token for SCIM with its secret. */
        ScimTokenWithSecret: {
            /**
             * @description The secret. It is shown this once and cannot be read again.
             * @example tg-scim-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM
             */
            secret: string;
            /** @description The token. */
            token: components["schemas"]["ScimToken"];
            /**
             * @description What the identity provider asks for as the base URL.
             * @example https://gateway.example.com/scim/v2
             */
            url: string;
        };
        /** @description A signed-in session. Never its token. */
        Session: {
            /**
             * @description Whose it is.
             * @example acc_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            account: string;
            /**
             * @description The address that it was opened from.
             * @example 192.0.2.7
             */
            address: string;
            /**
             * Format: date-time
             * @description When it was opened.
             */
            created_at: string;
            /** @description Whether it is the session that asks. */
            current: boolean;
            /**
             * Format: date-time
             * @description From when on it is refused, however much it is used.
             */
            expires_at: string;
            /**
             * @description Its id.
             * @example ses_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was last used, to the minute. It ends when it is not used for two hours.
             */
            last_used_at: string;
            /** @description The identity provider that vouched for the account; null where it gave its own password. */
            provider: string | null;
            /** @description What the client called itself; may be empty. */
            user_agent: string;
        };
        /** @description What was ended. */
        SignedOut: {
            /**
             * Format: int64
             * @description How many sessions ended, the caller's among them where it is theirs.
             */
            sessions: number;
        };
        /** @description What to sign in with. */
        SignIn: {
            /**
             * @description The code of the second factor, or a recovery code; required where the account has one.
             * @example 287082
             */
            code?: string | null;
            /**
             * @description Whether the session is given as a cookie, to a browser, and not as a token; no when not
             *     said.
             */
            cookie?: boolean | null;
            /**
             * Format: email
             * @description The account's e-mail address.
             * @example admin@example.com
             */
            email: string;
            /**
             * Format: password
             * @description Only with a one-time password, and then required: the password from now on.
             */
            new_password?: string | null;
            /**
             * Format: password
             * @description Its password.
             */
            password: string;
        };
        /** @description How people may sign in. */
        SignInOptions: {
            /** @description Whether somebody can by a password. */
            password: boolean;
            /** @description Through whom, oldest first; none that is disabled. */
            providers: components["schemas"]["SignInProvider"][];
        };
        /** @description An identity provider, as the sign-in page shows it. */
        SignInProvider: {
            /**
             * @description Its id.
             * @example idp_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Its name for people.
             * @example Example SSO
             */
            name: string;
        };
        /** @description A team. */
        Team: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description Whether its keys are refused. */
            disabled: boolean;
            /**
             * @description Its id.
             * @example team_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Its name, unique among teams.
             * @example research
             */
            name: string;
        };
        /** @description What to change of a team. Absent fields stay as they are. */
        TeamChange: {
            /** @description Whether its keys are refused. */
            disabled?: boolean;
            /** @description A new name. */
            name?: string;
        };
        /** @description An admin API token. Never its secret. */
        Token: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description From when on it is refused.
             */
            expires_at: string | null;
            /**
             * @description Prefix and last four characters of the secret.
             * @example tg-admin-…x7Qa
             */
            hint: string;
            /**
             * @description Its id.
             * @example tok_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was last used, to the minute.
             */
            last_used_at: string | null;
            /**
             * @description Its name, for people.
             * @example terraform
             */
            name: string;
            /**
             * Format: date-time
             * @description Since when it is revoked, for good.
             */
            revoked_at: string | null;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
            /**
             * @description The team it is confined to, for the role `team_admin`.
             * @example team_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            team: string | null;
        };
        /** @description Tokens by kind. The kinds are disjoint, but for `reasoning`, which is a part of `output`. */
        TokenUsage: {
            /**
             * Format: int64
             * @description Prompt tokens written to a one-hour cache.
             */
            cache_write_1h: number;
            /**
             * Format: int64
             * @description Prompt tokens written to a five-minute cache.
             */
            cache_write_5m: number;
            /**
             * Format: int64
             * @description Prompt tokens read from a cache.
             */
            cached: number;
            /**
             * Format: int64
             * @description Prompt tokens that are in no other kind.
             */
            input: number;
            /**
             * Format: int64
             * @description Prompt tokens of audio.
             */
            input_audio: number;
            /**
             * Format: int64
             * @description Answer tokens without audio and images.
             */
            output: number;
            /**
             * Format: int64
             * @description Answer tokens of audio.
             */
            output_audio: number;
            /**
             * Format: int64
             * @description Answer tokens of images.
             */
            output_image: number;
            /**
             * Format: int64
             * @description The part of `output` that was reasoning.
             */
            reasoning: number;
            /**
             * @description `reported` by the provider, `partial`, or `estimated` by the gateway.
             * @example reported
             */
            source: string;
            /**
             * @description The tier it was served at: `standard`, `flex`, `priority` or `batch`.
             * @example standard
             */
            tier: string;
            /**
             * Format: int64
             * @description Web searches that the provider ran.
             */
            web_searches: number;
        };
        /** @description A token with its secret. */
        TokenWithSecret: {
            /**
             * @description The secret. It is shown this once and cannot be read again.
             * @example tg-admin-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM
             */
            secret: string;
            /** @description The token. */
            token: components["schemas"]["Token"];
        };
        /** @description Which tools of a server may be called. */
        ToolRules: {
            /** @description Only these; null: all but the denied ones. */
            allow: string[] | null;
            /** @description Not these, whatever else is said. */
            deny: string[];
        };
        /** @description What shows that it is the account's owner who sets up a second factor. */
        TotpBegin: {
            /**
             * Format: password
             * @description The account's password.
             */
            password: string;
        };
        /** @description A code that proves the second factor. */
        TotpCode: {
            /**
             * @description The code that the authenticator shows; to remove it a recovery code will do too.
             * @example 287082
             */
            code: string;
        };
        /** @description A second factor to set up: the same secret twice. */
        TotpSetup: {
            /**
             * @description The secret in base 32, to be typed into an authenticator app. It is shown this once.
             * @example GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
             */
            secret: string;
            /**
             * @description The same as a URI, to be shown as a QR code.
             * @example otpauth://totp/Tidegate:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tidegate
             */
            uri: string;
        };
        /**
         * @description The steps, in their order.
         * @enum {string}
         */
        TrailStage: "route" | "identity" | "policy" | "body" | "model" | "limits" | "guardrails" | "upstream" | "answer";
        /** @description One step of a call's way through the gateway. */
        TrailStep: {
            /** @description That in words, for people. */
            detail: string;
            /** @description Which step. */
            step: components["schemas"]["TrailStage"];
            /** @description What came of it. */
            verdict: components["schemas"]["TrailVerdict"];
        };
        /**
         * @description What came of a step.
         * @enum {string}
         */
        TrailVerdict: "passed" | "refused" | "failed" | "not_reached" | "not_applicable";
        /** @description Calls, tokens and cost. */
        UsageAmount: {
            /**
             * Format: int64
             * @description Audio tokens, prompt and answer.
             */
            audio_tokens: number;
            /**
             * Format: int64
             * @description Prompt tokens written to a cache.
             */
            cache_write_tokens: number;
            /**
             * Format: int64
             * @description Prompt tokens read from a cache.
             */
            cached_tokens: number;
            /**
             * Format: int64
             * @description Cost, in millionths of a US dollar.
             */
            cost_micro_usd: number;
            /**
             * Format: int64
             * @description Calls answered with status 400 or above, or broken off by the provider.
             */
            errors: number;
            /**
             * Format: int64
             * @description Image tokens of answers.
             */
            image_tokens: number;
            /**
             * Format: int64
             * @description Prompt tokens that are in no other kind.
             */
            input_tokens: number;
            /**
             * Format: int64
             * @description Answer tokens without audio and images, reasoning included.
             */
            output_tokens: number;
            /**
             * Format: int64
             * @description The part of `output_tokens` that was reasoning.
             */
            reasoning_tokens: number;
            /**
             * Format: int64
             * @description Calls.
             */
            requests: number;
        };
        /** @description Usage of one bucket and group. */
        UsagePoint: {
            /** @description The group's id or name; null without grouping, and for calls that have none. */
            group: string | null;
            /**
             * Format: date-time
             * @description When the bucket starts.
             */
            start: string;
            /** @description How much it was. */
            usage: components["schemas"]["UsageAmount"];
        };
        /** @description Usage over time. */
        UsageReport: {
            /** @description Oldest bucket first, then by group. Buckets without calls are left out. */
            points: components["schemas"]["UsagePoint"][];
            /** @description The sum of all points. */
            total: components["schemas"]["UsageAmount"];
        };
        /**
         * @description An amount in USD as text, so that no float stands between a price page and a bill.
         * @example 2.50
         */
        Usd: string;
        /** @description A user. */
        User: {
            /**
             * Format: date-time
             * @description When the user was created.
             */
            created_at: string;
            /** @description Whether their keys are refused. */
            disabled: boolean;
            /**
             * @description Their e-mail address, unique among users, lower-case.
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Their id.
             * @example user_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            id: string;
            /**
             * @description Their display name.
             * @example Ada Lovelace
             */
            name: string;
            /**
             * @description The team they belong to.
             * @example team_01jdg8s6f7e2m9v4k3x5q8w0zr
             */
            team: string | null;
        };
        /** @description What to change of a user. Absent fields stay as they are. */
        UserChange: {
            /** @description Whether their keys are refused. */
            disabled?: boolean;
            /** @description A new display name. */
            name?: string;
            /** @description A new team; null for none. */
            team?: string | null;
        };
        /** @description What a budget would have done. */
        WhatIf: {
            /**
             * Format: int64
             * @description The most that was spent in one.
             */
            most_micro_usd: number;
            /** @description In how many windows the cap would have been reached. */
            reached: number;
            /** @description How many windows had any spend. */
            used: number;
            /**
             * @description The windows, oldest first; the last one is not over yet. What was spent is what was spent under the
             *     budgets of that time.
             */
            windows: components["schemas"]["PassedWindow"][];
        };
        /**
         * @description The length of a window: a minute, an hour, a day, a week from Monday, a calendar month.
         * @enum {string}
         */
        Window: "1m" | "1h" | "1d" | "1w" | "1mo";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_accounts: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of accounts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Account"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccount"];
            };
        };
        responses: {
            /** @description The account. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountWithPassword"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An account has this address. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountChange"];
            };
        };
        responses: {
            /** @description The account as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is the last with the role `admin` and a password. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    disable_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is the caller's own, or the last with the role `admin` and a password. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enable_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_account_identities: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountIdentities"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    link_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountLink"];
            };
        };
        responses: {
            /** @description Who it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountIdentities"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is somebody at that provider already. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_password: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountWithPassword"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_totp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_out_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOut"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description The new session and its token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewSession"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no password. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The account signs in at an identity provider. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many wrong passwords. `retry-after` says how long to wait. */
            429: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirm_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpCode"];
            };
        };
        responses: {
            /** @description The recovery codes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The code is wrong (`totp_wrong`). */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no second factor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description None was begun, or one is in force. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many wrong codes. `retry-after` says how long to wait. */
            429: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpBegin"];
            };
        };
        responses: {
            /** @description The secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpSetup"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no second factor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is one, or the account signs in at an identity provider. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many wrong passwords. `retry-after` says how long to wait. */
            429: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpCode"];
            };
        };
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The code is wrong (`totp_wrong`). */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no second factor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The account has none. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many wrong codes. `retry-after` says how long to wait. */
            429: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /**
                 * @description Only this action, such as `key.create`; or all of a subject, such as `key.`.
                 * @example edge_mcp.
                 */
                action?: string;
                /** @description Only what this account or token did, by its id, or `cli`, or `system`. */
                actor?: string;
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Only at this time or later. */
                from?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only entries with this in the action, the target or the details. */
                q?: string;
                /**
                 * @description Only what was done to this, by its id or name: the history of one key, app or MCP server.
                 * @example npm:@scope/server
                 */
                target?: string;
                /** @description Only before this time. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditEntry"];
                    "text/csv": string;
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verify_audit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerdict"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_budgets: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only budgets of this scope: `organization`, or the id of a team, user or key. */
                scope?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of budgets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Budget"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_budget: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBudget"];
            };
        };
        responses: {
            /** @description The budget. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is one with this scope, model and window. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_budget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The budget's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The budget. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_budget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The budget's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_budget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The budget's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BudgetChange"];
            };
        };
        responses: {
            /** @description The budget as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    try_budget: {
        parameters: {
            query: {
                /**
                 * @description How much could be spent in a window, in millionths of a US dollar.
                 * @example 25000000
                 */
                cap_micro_usd: number;
                /**
                 * @description It would count only calls of models that match; all calls when not said.
                 * @example gpt-4o*
                 */
                model?: string;
                /**
                 * @description Whom it would apply to: `organization`, or the id of a team, user or key.
                 * @example organization
                 */
                scope: string;
                /** @description How long a window would be, an hour at least. Windows are those of the calendar. */
                window: "1m" | "1h" | "1d" | "1w" | "1mo";
                /** @description At how many windows to look, the present one included; 30 when not said. */
                windows?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it would have done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhatIf"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_cache: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cache of the node that answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cache"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    purge_cache: {
        parameters: {
            query?: {
                /** @description Only answers that this key has for itself. With `team`, neither is left out. */
                key?: string;
                /** @description Only answers of this model, as its provider is asked for it. */
                model?: string;
                /** @description Only answers of this provider. */
                provider?: string;
                /** @description Only answers that this team shares. */
                team?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PurgedCache"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_device_groups: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of groups. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeviceGroup"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_device_group: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDeviceGroup"];
            };
        };
        responses: {
            /** @description The group. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceGroup"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A group of devices has this name. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_device_group: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The group. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceGroup"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_device_group: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A guardrail names it, or a token that still enrols devices. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rename_device_group: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDeviceGroup"];
            };
        };
        responses: {
            /** @description The group as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceGroup"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Another group of devices has this name. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_devices: {
        parameters: {
            query?: {
                /**
                 * @description Only devices with exactly this version of the agent.
                 * @example 0.1.0
                 */
                agent_version?: string;
                /**
                 * @description Only devices that have this app installed, or have seen it in their traffic.
                 * @example claude-code
                 */
                app?: string;
                /** @description Only devices that have an app or MCP server of which this holds for them. */
                approval?: components["schemas"]["AppDecision"];
                /** @description Where to read on: the `next_cursor` of the page before, in the same order. */
                cursor?: string;
                /** @description Only devices that are disabled, or only others. */
                disabled?: boolean;
                /**
                 * @description Only devices on which a decision came out like this: the one about `app` or else `mcp_server`
                 *     where one is named, of which the worst counts; any decision otherwise.
                 */
                effect?: components["schemas"]["EffectState"];
                /** @description Only devices that govern, or only those that say they do not. */
                effective?: boolean;
                /**
                 * @description Only devices in this group; `none`: only devices in none.
                 * @example dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr
                 */
                group?: string;
                /** @description Only devices of exactly this hostname. */
                hostname?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /**
                 * @description Only devices that have this MCP server.
                 * @example npm:@scope/server
                 */
                mcp_server?: string;
                /** @description In which direction; `asc` when not said. */
                order?: "asc" | "desc";
                /**
                 * @description Only devices of this operating system.
                 * @example linux
                 */
                os?: string;
                /**
                 * @description Only devices of exactly this version of an operating system.
                 * @example Debian GNU/Linux 12
                 */
                os_version?: string;
                /** @description Only devices that are there, late or missing. */
                presence?: components["schemas"]["Presence"];
                /** @description Only devices with this in the hostname, the name, or the owner's name or address. */
                q?: string;
                /** @description Only devices that somebody may have copied, or only others. */
                quarantined?: boolean;
                /** @description What to sort by; `first_seen` when not said. */
                sort?: "first_seen" | "hostname" | "last_seen";
                /** @description Only devices of this team. */
                team?: string;
                /** @description Only devices that did not check in since this time. */
                unseen_since?: string;
                /** @description Only devices of this user. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of devices. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Device"];
                    "text/csv": string;
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_device: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_device: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_device: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceChange"];
            };
        };
        responses: {
            /** @description The device as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_device_apps: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of its apps. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeviceApp"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clear_device_quarantine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_device_effects: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that it reported. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Effect"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_device_inventory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is on it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceInventory"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scan_device: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It was asked. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScanRequested"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    count_devices: {
        parameters: {
            query?: {
                /**
                 * @description Only devices with exactly this version of the agent.
                 * @example 0.1.0
                 */
                agent_version?: string;
                /**
                 * @description Only devices that have this app installed, or have seen it in their traffic.
                 * @example claude-code
                 */
                app?: string;
                /** @description Only devices that have an app or MCP server of which this holds for them. */
                approval?: components["schemas"]["AppDecision"];
                /** @description Where to read on: the `next_cursor` of the page before, in the same order. */
                cursor?: string;
                /** @description Only devices that are disabled, or only others. */
                disabled?: boolean;
                /**
                 * @description Only devices on which a decision came out like this: the one about `app` or else `mcp_server`
                 *     where one is named, of which the worst counts; any decision otherwise.
                 */
                effect?: components["schemas"]["EffectState"];
                /** @description Only devices that govern, or only those that say they do not. */
                effective?: boolean;
                /**
                 * @description Only devices in this group; `none`: only devices in none.
                 * @example dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr
                 */
                group?: string;
                /** @description Only devices of exactly this hostname. */
                hostname?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /**
                 * @description Only devices that have this MCP server.
                 * @example npm:@scope/server
                 */
                mcp_server?: string;
                /** @description In which direction; `asc` when not said. */
                order?: "asc" | "desc";
                /**
                 * @description Only devices of this operating system.
                 * @example linux
                 */
                os?: string;
                /**
                 * @description Only devices of exactly this version of an operating system.
                 * @example Debian GNU/Linux 12
                 */
                os_version?: string;
                /** @description Only devices that are there, late or missing. */
                presence?: components["schemas"]["Presence"];
                /** @description Only devices with this in the hostname, the name, or the owner's name or address. */
                q?: string;
                /** @description Only devices that somebody may have copied, or only others. */
                quarantined?: boolean;
                /** @description What to sort by; `first_seen` when not said. */
                sort?: "first_seen" | "hostname" | "last_seen";
                /** @description Only devices of this team. */
                team?: string;
                /** @description Only devices that did not check in since this time. */
                unseen_since?: string;
                /** @description Only devices of this user. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many devices there are. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceFacets"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    move_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceMove"];
            };
        };
        responses: {
            /** @description They were moved. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DevicesMoved"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scan_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScanRequest"];
            };
        };
        responses: {
            /** @description They were asked. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScanRequested"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_access_requests: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Only requests from this device. */
                device?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only requests in this state. */
                state?: components["schemas"]["RequestState"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of requests. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AccessRequest"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_access_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The request's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decline_access_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The request's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeclineRequest"];
            };
        };
        responses: {
            /** @description The request as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was answered already. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    grant_access_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The request's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GrantRequest"];
            };
        };
        responses: {
            /** @description The request as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was answered already. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_app_rules: {
        parameters: {
            query?: {
                /** @description Only about this app. */
                app?: string;
                /** @description Only for this audience: `fleet`, `team:` or `device:` with an id. */
                audience?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AppRule"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_edge_apps: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Only apps that somebody decided about, or only others. */
                decided?: boolean;
                /** @description Only apps of which this holds for the fleet. */
                decision?: components["schemas"]["AppDecision"];
                /** @description Items per page; all when not said. */
                limit?: number;
                /** @description In which direction; `asc` when not said. */
                order?: "asc" | "desc";
                /** @description Only apps that are on a device or were seen in its traffic, or only others. */
                present?: boolean;
                /** @description Only apps whose id or vendor has this in it. */
                q?: string;
                /** @description What to sort by; `name` when not said. */
                sort?: "devices" | "first_seen" | "last_seen" | "name";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All apps, or a page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_EdgeApp"];
                    "text/csv": string;
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decide_edge_app: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The app's id.
                 * @example claude-code
                 */
                app: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAppDecision"];
            };
        };
        responses: {
            /** @description The app as it is now for the fleet. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeApp"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There are too many decisions. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_app_decision: {
        parameters: {
            query?: {
                /** @description For whom it was decided: `fleet`, `team:` or `device:` with an id; the fleet when not said. */
                audience?: string;
            };
            header?: never;
            path: {
                /** @description The app's id. */
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_authority: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The authority. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Authority"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replace_authority: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAuthority"];
            };
        };
        responses: {
            /** @description The authority as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Authority"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    download_authority: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The certificate in PEM. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-pem-file": string;
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decide_many: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDecisions"];
            };
        };
        responses: {
            /** @description What was decided. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decisions"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There are too many decisions; nothing was changed. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_edge_hosts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All rules. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_EdgeHost"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_edge_host: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The host's name, with a dot in it.
                 * @example llm.example.com
                 */
                host: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EdgeHostRule"];
            };
        };
        responses: {
            /** @description The rule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeHost"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There are too many rules. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_edge_host: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The host's name.
                 * @example llm.example.com
                 */
                host: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_mcp_rules: {
        parameters: {
            query?: {
                /** @description Only for this audience: `fleet`, `team:` or `device:` with an id. */
                audience?: string;
                /** @description Only about this server. */
                identity?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All decisions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_McpRule"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decide_mcp_server: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMcpRule"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpRule"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There are too many decisions. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_mcp_rule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The decision's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_mcp_servers: {
        parameters: {
            query?: {
                /**
                 * @description Only servers that this client uses.
                 * @example claude-code
                 */
                client?: string;
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Only servers that somebody decided about, or only others. */
                decided?: boolean;
                /** @description Only servers of which this holds for the fleet. */
                decision?: components["schemas"]["AppDecision"];
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description In which direction; `asc` when not said. */
                order?: "asc" | "desc";
                /** @description Only servers that are on a device, or only others. */
                present?: boolean;
                /** @description Only servers whose identity or name has this in it. */
                q?: string;
                /** @description What to sort by; `name` when not said. */
                sort?: "devices" | "first_seen" | "last_seen" | "name";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of servers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_McpServer"];
                    "text/csv": string;
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_mcp_server: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The server's identity, percent-encoded.
                 * @example npm:@modelcontextprotocol/server-everything
                 */
                identity: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpServerDetail"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_edge_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeSettings"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_edge_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEdgeSettings"];
            };
        };
        responses: {
            /** @description The settings as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeSettings"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_enrolment_tokens: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_EnrolmentToken"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_enrolment_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEnrolmentToken"];
            };
        };
        responses: {
            /** @description The token and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentTokenWithSecret"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_enrolment_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentToken"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listen: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream that ends with the session, when the caller's role changes, and when the gateway stops. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 200 listen to this node already; `retry-after` says when to try again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_groups: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of groups. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Group"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    map_group: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupTeam"];
            };
        };
        responses: {
            /** @description The group as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_guardrails: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them: there are at most 200. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Guardrail"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_guardrail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGuardrail"];
            };
        };
        responses: {
            /** @description The guardrail. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrail"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A guardrail has this name, or there are 200. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_guardrail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The guardrail's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The guardrail. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrail"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_guardrail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The guardrail's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_guardrail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The guardrail's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GuardrailChange"];
            };
        };
        responses: {
            /** @description The guardrail as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrail"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Another guardrail has this name. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_detectors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Detector"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_findings: {
        parameters: {
            query?: {
                /**
                 * @description Only calls on which this was done: `log`, `flag`, `redact`, `restore`, `block`, `unscanned`,
                 *     `bypassed` or `refused`.
                 */
                action?: string;
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Only calls on which this detector found something. */
                detector?: string;
                /** @description Only calls on which this guardrail did something. */
                guardrail?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only what would have been done, or only what was. */
                shadow?: boolean;
                /** @description Only calls of this team's keys. */
                team?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of calls. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_GuardedRequest"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    test_guardrail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GuardrailTrial"];
            };
        };
        responses: {
            /** @description What became of the text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GuardrailVerdict"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_identity_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_IdentityProvider"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_identity_provider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewIdentityProvider"];
            };
        };
        responses: {
            /** @description The provider. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProvider"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A provider has this name, or there are 50. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_identity_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The provider's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProvider"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_identity_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The provider's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_identity_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The provider's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IdentityProviderChange"];
            };
        };
        responses: {
            /** @description The provider as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProvider"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A provider has this name. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    test_identity_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The provider's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProviderTest"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_info: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This node. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Info"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_keys: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Whether the keys of devices are listed too; no when not said. */
                devices?: boolean;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only keys with exactly this name. */
                name?: string;
                /** @description Whether revoked keys are listed too; no when not said. */
                revoked?: boolean;
                /** @description Only keys of this team. */
                team?: string;
                /** @description Only keys of this user. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Key"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description The key and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyWithSecret"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyChange"];
            };
        };
        responses: {
            /** @description The key as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is revoked. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    disable_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is revoked. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enable_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is revoked. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is the key of a device: delete the device. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotate_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyRotation"];
            };
        };
        responses: {
            /** @description The key and its new secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyWithSecret"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is revoked, or the key of a device. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_limits: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only limits of this scope: `organization`, or the id of a team, user or key. */
                scope?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of limits. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Limit"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_limit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLimit"];
            };
        };
        responses: {
            /** @description The limit. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Limit"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is one with this scope and model. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_limit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The limit's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The limit. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Limit"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_limit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The limit's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_limit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The limit's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LimitChange"];
            };
        };
        responses: {
            /** @description The limit as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Limit"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_overview: {
        parameters: {
            query?: {
                /**
                 * @description Over how many hours spend and traffic are shown: `24` (in hours), `168` (in parts of 4 hours) or
                 *     `720` (in parts of 24 hours). The hour that is under way is the last one.
                 * @example 24
                 */
                hours?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The overview. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_prices: {
        parameters: {
            query?: {
                /** @description Only rows of this family. */
                family?: string;
                /** @description Only the rows of this model. */
                model?: string;
                /** @description Only rows that hold for this provider alone. */
                provider?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All rows. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Price"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_price_overrides: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All overrides. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PriceOverride"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_price_override: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PriceRow"];
            };
        };
        responses: {
            /** @description The override. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PriceOverride"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Another override answers to this model or an alias of it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_price_override: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The override's name, with `/` written as `%2F`.
                 * @example openai%2Fgpt-4o
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All providers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Provider"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The provider's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_requests: {
        parameters: {
            query?: {
                /**
                 * @description Only calls relayed from this app.
                 * @example claude-code
                 */
                app?: string;
                /** @description Only calls refused for this reason. */
                code?: string;
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Only calls relayed from this device. */
                device?: string;
                /** @description Only calls that arrived at this time or later. */
                from?: string;
                /** @description Only calls of this key. */
                key?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only calls that cost at least so many millionths of a US dollar. */
                min_cost_micro_usd?: number;
                /** @description Only calls that used at least so many tokens, prompt and answer together. */
                min_tokens?: number;
                /** @description Only calls of exactly this model. */
                model?: string;
                /**
                 * @description Only calls of this operation.
                 * @example chat.completions
                 */
                operation?: string;
                /** @description Only calls that ended so. */
                outcome?: "client_gone" | "completed" | "refused" | "upstream_broken";
                /** @description Only calls to this provider. */
                provider?: string;
                /**
                 * @description Only this call, trace (32 hex digits), key, team, user or device, where it is an id; otherwise
                 *     only calls with this in the model, provider, operation, code, app, host, OS user or process.
                 */
                q?: string;
                /** @description Only copies of calls for shadow targets, or only others. */
                shadow?: boolean;
                /** @description Only calls answered with such a status. */
                status?: "2xx" | "4xx" | "5xx";
                /** @description Only streamed calls, or only others. */
                streamed?: boolean;
                /** @description Only calls of this team's keys. */
                team?: string;
                /** @description Only calls that arrived before this time. */
                to?: string;
                /** @description Only calls of this user's keys. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of calls. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Request"];
                    "text/csv": string;
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The call's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The call. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestWithContent"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_scim_tokens: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ScimToken"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_scim_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewScimToken"];
            };
        };
        responses: {
            /** @description The token and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScimTokenWithSecret"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_scim_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScimToken"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: {
                /**
                 * @description Only those of this account. For the role `admin` those of all when not said; for other
                 *     roles it can only be the caller's own.
                 */
                account?: string;
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of sessions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Session"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token without the role `admin` has no sessions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description The session and its token. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewSession"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Address or password is wrong, or the account is disabled (`sign_in_failed`); or a code is needed too (`totp_required`) or wrong (`totp_wrong`). */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This is a one-time password: send `new_password` too. Or a cookie is asked for by another site (`csrf`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many sign-ins failed. `retry-after` says how long to wait. */
            429: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session and its account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurrentSession"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no session. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no session. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_sign_in_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInOptions"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_sign_in: {
        parameters: {
            query?: {
                /**
                 * @description The page to go to in the end: a path of the console, with its query; `/` when not said.
                 * @example /devices
                 */
                return_to?: string;
            };
            header?: never;
            path: {
                /** @description The provider's id. */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider; or, where it cannot be used, to `/sign-in?problem=` with one of the codes of the callback. */
            303: {
                headers: {
                    /** @description Where to. */
                    location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    finish_sign_in: {
        parameters: {
            query?: {
                /** @description What the provider gave. */
                code?: string;
                /** @description Why the provider gave nothing. */
                error?: string;
                /** @description Who answers (RFC 9207). */
                iss?: string;
                /** @description Which sign-in it is. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed in: the cookie of the session is set, and it goes to the page that was asked for. Or not: it goes to `/sign-in?problem=` with `sign_in_lost` (it took too long or came back before), `other_browser`, `provider_unknown`, `provider_unavailable`, `provider_refused`, `answer_invalid`, `email_missing`, `email_unverified`, `no_role`, `account_exists`, `account_disabled`, `last_admin`, `too_many_attempts` or `unavailable`. Sign-ins on devices go on to their own pages. */
            303: {
                headers: {
                    /** @description Where to. */
                    location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_teams: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of teams. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Team"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_team: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTeam"];
            };
        };
        responses: {
            /** @description The team. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A team has this name. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The team's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The team. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The team's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It still has users, or keys that are not revoked. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The team's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamChange"];
            };
        };
        responses: {
            /** @description The team as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Another team has this name. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_tokens: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Token"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            /** @description The token and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenWithSecret"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_usage: {
        parameters: {
            query: {
                /** @description The width of a point; a day when not said. */
                bucket?: "day" | "hour";
                /**
                 * @description From the bucket that holds this time.
                 * @example 2026-11-01T00:00:00Z
                 */
                from: string;
                /** @description What to group by; everything together when not said. */
                group_by?: "key" | "model" | "operation" | "provider" | "team" | "user";
                /** @description Only calls of this key. */
                key?: string;
                /** @description Only calls of exactly this model. */
                model?: string;
                /** @description Only calls of this operation. */
                operation?: string;
                /** @description Only calls to this provider. */
                provider?: string;
                /** @description Only calls of this team's keys. */
                team?: string;
                /**
                 * @description To this time, not including it; at most 10,000 buckets later.
                 * @example 2026-12-01T00:00:00Z
                 */
                to: string;
                /** @description Only calls of this user's keys. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Points and their sum. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description Where to read on: the `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items per page, 50 when not said. */
                limit?: number;
                /** @description Only users of this team. */
                team?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of users. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_User"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description The user. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A user has this address. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description They still have keys that are not revoked. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The user as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role may not do this; `x-tidegate-roles` names those that may. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_views: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SavedFilters"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no views. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    save_view: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSavedFilters"];
            };
        };
        responses: {
            /** @description The view. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedFilters"];
                };
            };
            /** @description The body is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no views. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There are 100 already. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more than 1 MiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not declared as JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields or parameters are not valid; `errors` names them. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_view: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The view's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid credential was presented. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API token has no views. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or it took too long. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    is_alive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is alive. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alive"];
                };
            };
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/openmetrics-text": string;
                };
            };
            /** @description A token is needed here. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The caller's role sees only a part of it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    is_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description It cannot; `checks` says why. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
}
