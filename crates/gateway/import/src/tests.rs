//! Files as their gateways' documentation shows them, written by hand.

use tidegate_provider::PriceRow;

use super::*;

#[test]
fn a_price_list_becomes_rows_of_ours() {
    let text = r#"{
        "sample_spec": {"litellm_provider": "one of", "input_cost_per_token": 1},
        "groq/llama-x": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 5.9e-07,
            "output_cost_per_token": 7.9e-07, "max_input_tokens": 131072, "max_output_tokens": 32768},
        "gemini/gemini-x": {"litellm_provider": "gemini", "input_cost_per_token": 1.25e-06,
            "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 3.1e-07,
            "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
            "input_cost_per_token_batches": 6.25e-07, "source": "https://ai.google.dev/pricing"},
        "tts-x": {"litellm_provider": "openai", "mode": "audio_speech", "input_cost_per_character": 1.5e-05},
        "azure/gpt-x": {"litellm_provider": "azure", "input_cost_per_token": 1e-06},
        "odd/x": {"litellm_provider": "nobody", "input_cost_per_token": 1e-06},
        "free": {"litellm_provider": "openai"},
        "mistral/bad name": {"litellm_provider": "mistral", "input_cost_per_token": -1}
    }"#;
    let prices = litellm_prices(text, "2026-11-27").unwrap();
    let rows = PriceRow::list_from_toml(&prices.toml).unwrap();
    assert_eq!((rows.len(), prices.rows), (3, 3));
    let row = |model: &str| {
        rows.iter()
            .find(|row| row.model().as_str() == model)
            .unwrap()
            .to_json()
    };
    let groq = row("llama-x");
    assert_eq!(groq["family"], "groq");
    assert_eq!(
        (groq["input"].as_str(), groq["output"].as_str()),
        (Some("0.59"), Some("0.79"))
    );
    assert_eq!(groq["max_output"], 32_768);
    let gemini = row("gemini-x");
    assert_eq!(gemini["long_context"]["above"], 200_000);
    assert_eq!(gemini["long_context"]["standard"]["output"], "15");
    assert_eq!(gemini["long_context"]["standard"]["cached"], "0.31");
    assert_eq!(
        (&gemini["batch_percent"], &gemini["source"]),
        (&50.into(), &"https://ai.google.dev/pricing".into())
    );
    assert_eq!(row("tts-x")["per_1k_characters"], "0.015");
    assert_eq!(prices.unsaid.len(), 3, "{:?}", prices.unsaid);
    assert!(
        prices
            .unsaid
            .iter()
            .any(|line| line.contains("`azure`") && line.contains("`openai`"))
    );
}

const LITELLM: &str = r#"
model_list:
  - model_name: fast
    litellm_params:
      model: groq/llama-x
      api_key: os.environ/GROQ_KEY
      rpm: 100
  - model_name: gpt-x
    litellm_params: { model: openai/gpt-x, api_key: os.environ/OPENAI_A, weight: 3 }
  - model_name: gpt-x
    litellm_params: { model: openai/gpt-x, api_key: os.environ/OPENAI_B, weight: 1 }
  - model_name: local
    litellm_params: { model: openai/qwen, api_base: "http://127.0.0.1:9000/v4", api_key: sk-literal-secret }
  - model_name: azure-gpt
    litellm_params:
      model: azure/deployment-1
      api_base: https://r.openai.azure.com
      api_version: "2024-10-21"
      api_key: os.environ/AZURE_KEY
  - model_name: gemini
    litellm_params:
      model: vertex_ai/gemini-x
      vertex_project: p
      vertex_location: global
      vertex_credentials: /keys/sa.json
  - model_name: claude
    litellm_params:
      model: bedrock/converse/eu.anthropic.claude-x-v1:0
      aws_access_key_id: os.environ/AWS_ID
      aws_secret_access_key: aws-literal-secret
      aws_region_name: eu-west-1
      aws_role_name: arn:aws:iam::1:role/x
  - model_name: odd
    litellm_params: { model: sagemaker/x }
router_settings:
  fallbacks: [{ fast: [gpt-x] }]
  num_retries: 0
general_settings:
  master_key: sk-1234
"#;

#[test]
fn litellms_models_become_providers() {
    let draft = litellm(LITELLM).unwrap();
    let text = draft.to_toml();
    let table: toml::Table = text.parse().unwrap();
    let providers = table["providers"].as_array().unwrap();
    let provider = |name: &str| {
        let found = providers
            .iter()
            .find(|one| one["name"].as_str() == Some(name));
        found.unwrap_or_else(|| panic!("{name}: {text}"))
    };
    assert_eq!(providers.len(), 6);
    let bedrock = provider("bedrock");
    for (key, value) in [
        ("dialect", "bedrock"),
        ("region", "eu-west-1"),
        ("access_key_id", "env:AWS_ID"),
        ("secret_access_key", "env:AWS_SECRET_ACCESS_KEY"),
    ] {
        assert_eq!(bedrock[key].as_str(), Some(value), "{key}");
    }
    assert_eq!(
        bedrock["models"][0].as_str(),
        Some("eu.anthropic.claude-x-v1:0")
    );
    assert_eq!(provider("groq")["api_key"].as_str(), Some("env:GROQ_KEY"));
    let keys = provider("openai")["keys"].as_array().unwrap();
    assert_eq!((keys.len(), keys[0]["weight"].as_integer()), (2, Some(3)));
    assert_eq!(keys[1]["models"][0].as_str(), Some("gpt-x"));
    let local = provider("openai-2");
    assert_eq!(local["dialect"].as_str(), Some("openai"));
    assert_eq!(local["base_url"].as_str(), Some("http://127.0.0.1:9000"));
    assert_eq!(local["version_path"].as_str(), Some("/v4"));
    let azure = provider("azure-openai");
    assert_eq!(
        azure["base_url"].as_str(),
        Some("https://r.openai.azure.com/openai")
    );
    assert_eq!(azure["api_version"].as_str(), Some("2024-10-21"));
    let vertex = provider("vertex-gemini");
    assert_eq!(
        vertex["google"]["credentials"].as_str(),
        Some("file:/keys/sa.json")
    );
    assert_eq!(vertex["location"].as_str(), Some("global"));
    for said in [
        "litellm_params.rpm",
        "litellm_params.aws_role_name",
        "`sagemaker`",
        "`router_settings.fallbacks`",
        "`general_settings.master_key`",
        "clients ask for `groq/llama-x`",
        "stands in the file",
    ] {
        assert!(
            draft.unsaid.iter().any(|line| line.contains(said)),
            "{said}: {text}"
        );
    }
    assert!(!text.contains("aws-literal-secret"));
    assert!(!text.contains("sk-literal-secret") && !text.contains("sk-1234"));
}

#[test]
fn litellms_keys_keep_what_they_may() {
    let text = r#"{"keys": [
        {"token": "88dc28", "key_alias": "ci", "team_alias": "web", "models": ["gpt-x", "all-proxy-models"],
         "max_budget": 10.5, "budget_duration": "30d", "rpm_limit": 60, "tpm_limit": 1000,
         "max_parallel_requests": 5, "expires": "2027-01-01T00:00:00Z", "spend": 3.2, "soft_budget": 1},
        {"key_alias": "old", "blocked": true},
        {"key_alias": "odd", "max_budget": 5, "budget_duration": "2d"},
        "88dc28"
    ]}"#;
    let (keys, unsaid) = litellm_keys(text).unwrap();
    assert_eq!(
        keys[0],
        ForeignKey {
            name: "ci".to_owned(),
            team: Some("web".to_owned()),
            budget: Some(("10.5".to_owned(), "1mo")),
            rpm: Some(60),
            tpm: Some(1000),
            concurrency: Some(5),
            models: vec!["gpt-x".to_owned()],
            providers: Vec::new(),
            expires: Some("2027-01-01T00:00:00Z".to_owned()),
        }
    );
    assert_eq!((keys.len(), keys[1].budget.as_ref()), (2, None));
    for said in [
        "`soft_budget`",
        "`old` is blocked",
        "5 USD for 2d",
        "a hash alone",
        "new secrets",
    ] {
        assert!(
            unsaid.iter().any(|line| line.contains(said)),
            "{said}: {unsaid:?}"
        );
    }
}

const BIFROST: &str = r#"{
        "client": {"drop_excess_requests": false},
        "providers": {
            "openai": {"keys": [
                {"name": "a", "value": "env.OPENAI_A", "models": ["gpt-x"], "weight": 0.7},
                {"name": "b", "value": "sk-literal-secret", "models": ["*"], "weight": 0.3}],
                "network_config": {"max_retries": 2}, "concurrency_and_buffer_size": {"concurrency": 5}},
            "my-llm": {"keys": [{"value": {"env_var": "env.MINE", "from_env": true}}],
                "network_config": {"base_url": "https://llm.example.com/v1"},
                "custom_provider_config": {"base_provider_type": "openai"}},
            "azure": {"keys": [{"value": "env.AZ", "azure_key_config": {"endpoint": "https://r.openai.azure.com",
                "api_version": "2024-10-21", "deployments": {"gpt": "d"}}}]},
            "vertex": {"keys": [
                {"vertex_key_config": {"project_id": "p", "region": "us-central1", "auth_credentials": "env.SA"}},
                {"vertex_key_config": {"project_id": "q", "region": "global"}}]},
            "bedrock": {"keys": [
                {"value": "", "bedrock_key_config": {"access_key": "env.AWS_ID", "secret_key": "aws-literal-secret",
                    "region": "eu-west-1", "role_arn": "arn:aws:iam::1:role/x"}},
                {"value": "env.BEARER", "bedrock_key_config": {"region": "us-east-1"}}]},
            "replicate": {"keys": []}
        },
        "governance": {
            "budgets": [{"id": "b1", "max_limit": 100, "reset_duration": "1M"}],
            "rate_limits": [{"id": "r1", "token_max_limit": 5000, "token_reset_duration": "1h",
                "request_max_limit": 30, "request_reset_duration": "1m"}],
            "teams": [{"id": "t1", "name": "web"}],
            "virtual_keys": [
                {"id": "vk1", "name": "ci", "value": "sk-bf-secret", "team_id": "t1", "budget_id": "b1",
                 "rate_limit_id": "r1", "provider_configs": [{"provider": "openai", "weight": 1, "allowed_models": ["gpt-x"]}]},
                {"id": "vk2", "is_active": false}]
        }
    }"#;

#[test]
fn bifrosts_providers_and_keys_are_drafted() {
    let draft = bifrost(BIFROST).unwrap();
    let toml = draft.to_toml();
    let table: toml::Table = toml.parse().unwrap();
    let names: Vec<_> = table["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["azure", "bedrock", "my-llm", "openai", "vertex"],
        "{toml}"
    );
    let bedrock = &table["providers"][1];
    assert_eq!(bedrock["region"].as_str(), Some("eu-west-1"));
    let signs = &bedrock["keys"][0];
    assert_eq!(signs["access_key_id"].as_str(), Some("env:AWS_ID"));
    assert_eq!(
        signs["secret_access_key"].as_str(),
        Some("env:BEDROCK_SECRET_ACCESS_KEY_1")
    );
    assert_eq!(bedrock["keys"][1]["api_key"].as_str(), Some("env:BEARER"));
    let openai = &table["providers"][3];
    assert_eq!(openai["keys"][0]["weight"].as_integer(), Some(70));
    assert_eq!(
        openai["keys"][1]["api_key"].as_str(),
        Some("env:OPENAI_API_KEY_2")
    );
    let mine = &table["providers"][2];
    assert_eq!(
        (mine["base_url"].as_str(), mine["api_key"].as_str()),
        (Some("https://llm.example.com"), Some("env:MINE"))
    );
    assert_eq!(
        table["providers"][0]["api_version"].as_str(),
        Some("2024-10-21")
    );
    assert_eq!(
        table["providers"][4]["google"]["credentials"].as_str(),
        Some("env:SA")
    );
    assert_eq!(draft.keys.len(), 1);
    let key = &draft.keys[0];
    assert_eq!(
        (key.team.as_deref(), key.rpm, key.tpm),
        (Some("web"), Some(30), None)
    );
    assert_eq!(key.budget, Some(("100".to_owned(), "1mo")));
    assert_eq!(
        (&key.providers, &key.models),
        (&vec!["openai".to_owned()], &vec!["gpt-x".to_owned()])
    );
    for said in [
        "`client`",
        "`replicate`",
        "bedrock_key_config.role_arn",
        "another region, `us-east-1`",
        "network_config.max_retries",
        "azure_key_config.deployments",
        "tokens that is not per minute",
        "`vk2` is not active",
        "new secrets",
    ] {
        assert!(
            draft.unsaid.iter().any(|line| line.contains(said)),
            "{said}: {toml}"
        );
    }
    assert!(!toml.contains("aws-literal-secret"));
    assert!(!toml.contains("sk-literal-secret") && !toml.contains("sk-bf-secret"));
}

#[test]
fn what_is_none_says_where() {
    assert_eq!(
        bifrost("[]").unwrap_err(),
        ImportError::Form("line 1: no JSON object".to_owned())
    );
    assert!(litellm("a: [").is_err() && litellm("- a").is_err());
    assert!(litellm_keys("{}").is_err() && litellm_prices("1", "2026-01-31").is_err());
    assert_eq!(
        litellm_keys(&" ".repeat(LONGEST + 1)).unwrap_err(),
        ImportError::TooLong
    );
}
